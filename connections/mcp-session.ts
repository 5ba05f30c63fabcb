/**
 * A session with a server of tools: the SDK's client, its transports, and what went wrong in our words.
 *
 * HOST. The only file that knows the SDK. A tool's own schemas are not compiled here: what is checked, is checked against
 * the committed file. Sizes and times are bounded, redirects are refused, and private addresses are as for channels.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  ListToolsResultSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { failure } from '../language/plan/failure.js';
import { isJson, isJsonMap } from '../language/plan/json.js';
import type { JsonMap } from '../language/plan/json.js';
import { limitedFetch } from './limited-fetch.js';
import type { ToolCall, ToolDoorSettings } from './mcp.js';
import { endsSession, sessionFailure, toolFailure } from './mcp-failures.js';
import { toolFrom } from './tools-file.js';
import type { Tool } from './tools-file.js';

const CONNECT_MS = 8_000;
/** Bytes of one message. */
const MESSAGE_LIMIT = 4 * 1024 * 1024;
const MOST_PAGES = 50;

export interface ToolAnswer {
  /** Its texts, joined by line ends. */
  readonly text: string;
  readonly structured: JsonMap | undefined;
  readonly isError: boolean;
}

export interface ToolSession {
  /** Settles when nothing can be asked any more. */
  readonly ended: Promise<void>;
  /** As they are now. */
  tools(): Promise<readonly Tool[]>;
  call(tool: string, input: JsonMap, call: ToolCall): Promise<ToolAnswer>;
  close(): Promise<void>;
}

/** Failures `unreachable` (tried again) and `invalid` (the address may not be used): nothing was asked yet. */
export async function openSession(settings: ToolDoorSettings): Promise<ToolSession> {
  const client = new Client({ name: 'firn', version: '1' }, { capabilities: {} });
  const ended = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  let listed: Promise<readonly Tool[]> | undefined;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    listed = undefined;
  });
  const shown = `the server of "${settings.name}"`;
  const { transport, release } = transportOf(settings);
  const close = async (): Promise<void> => {
    await client.close();
    await release();
  };
  try {
    await client.connect(transport, { timeout: CONNECT_MS });
  } catch (error) {
    await close();
    throw sessionFailure(error, shown);
  }
  const tools = (): Promise<readonly Tool[]> => {
    listed ??= listTools(client).catch((error: unknown) => {
      listed = undefined;
      throw sessionFailure(error, shown);
    });
    return listed;
  };
  const call = async (tool: string, input: JsonMap, { key, effect, timeout_ms, signal }: ToolCall) => {
    try {
      const params = { name: tool, arguments: input, _meta: { 'firnflow/key': key } };
      const options = { timeout: timeout_ms, signal };
      return answerOf(await client.request({ method: 'tools/call', params }, CallToolResultSchema, options));
    } catch (error) {
      if (endsSession(error)) await close();
      throw toolFailure(error, `${settings.name}.${tool}`, effect);
    }
  };
  return { ended, tools, call, close };
}

interface Opened {
  readonly transport: Transport;
  /** After the transport is closed. */
  readonly release: () => Promise<void>;
}

function transportOf({ name, server, log }: ToolDoorSettings): Opened {
  if (server.kind === 'http') {
    const url = urlOf(name, server.url.resolve());
    const headers = Object.fromEntries([...server.headers].map(([header, value]) => [header, value.resolve()]));
    const { fetch, close } = limitedFetch({ name, allowPrivate: server.allowPrivate, answerLimit: MESSAGE_LIMIT });
    const transport = new StreamableHTTPClientTransport(url, { fetch, requestInit: { headers, redirect: 'error' } });
    return { transport, release: close };
  }
  const [command = '', ...args] = server.command;
  const env = Object.fromEntries([...server.env].map(([variable, value]) => [variable, value.resolve()]));
  const transport = new StdioClientTransport({
    command,
    args,
    env: { ...getDefaultEnvironment(), ...env },
    cwd: server.directory,
    stderr: 'pipe',
    maxBufferSize: MESSAGE_LIMIT,
  });
  transport.stderr?.on('data', (chunk) => {
    for (const line of String(chunk).split('\n')) if (line.trim() !== '') log(line);
  });
  return { transport, release: () => Promise.resolve() };
}

function urlOf(name: string, address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw failure('invalid', `the address of the connection ${name} is no http or https URL`);
}

async function listTools(client: Client): Promise<readonly Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const listed = await client.request({ method: 'tools/list', params }, ListToolsResultSchema, {
      timeout: CONNECT_MS,
    });
    tools.push(...listed.tools.flatMap((tool) => toolFrom(tool) ?? []));
    cursor = listed.nextCursor;
    if (cursor === undefined) return tools;
  }
  throw failure('too_many', `the server lists its tools on more than ${MOST_PAGES} pages`);
}

interface Answered {
  readonly content: readonly { readonly type: string; readonly text?: unknown }[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean | undefined;
}

function answerOf({ content, structuredContent, isError }: Answered): ToolAnswer {
  const texts = content.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []));
  const structured = isJson(structuredContent) && isJsonMap(structuredContent) ? structuredContent : undefined;
  return { text: texts.join('\n'), structured, isError: isError === true };
}
