/**
 * The encoder itself: a GGUF file in node-llama-cpp, one text at a time, always computed in the same way.
 *
 * HOST, and only in the model process: the native code can end the process that runs it. Texts are never evaluated
 * together, because a vector computed beside another differs in the third digit; batch size and threads are set, not
 * guessed. Nothing is cut: a text is counted in tokens before it is computed.
 */
import { type Llama, type LlamaEmbeddingContext, LlamaLogLevel, getLlama } from 'node-llama-cpp';
import { type Vector, normalized } from '../decisions/vectors.js';
import { ModelError } from './port.js';

export const GPU_CHOICES = ['off', 'auto', 'cuda', 'vulkan', 'metal'] as const;
export type GpuChoice = (typeof GPU_CHOICES)[number];

export interface EncoderSettings {
  readonly path: string;
  /** Tokens it can see at once, begin and end included. */
  readonly context: number;
  readonly threads: number;
  readonly gpu: GpuChoice;
}

export interface Encoder {
  /** Rejects with a ModelError about this text. */
  embed(text: string): Promise<Vector>;
}

/** What a text of only white space amounts to: the marks of begin and end. */
const MARKS = 2;
/** Far above any context, and quick to refuse without counting tokens. */
const LONGEST_TEXT = 200_000;

/** Loads it. Throws an Error that says why it cannot be used on this machine. */
export async function openEncoder(settings: EncoderSettings): Promise<Encoder> {
  const llama = await openLlama(settings);
  const model = await llama.loadModel({ modelPath: settings.path });
  const { context, threads } = settings;
  const embedding = await model.createEmbeddingContext({ contextSize: context, batchSize: context, threads });
  return { embed: (text) => embed(embedding, context, text) };
}

function openLlama({ gpu, threads }: EncoderSettings): Promise<Llama> {
  return getLlama({
    gpu: gpu === 'off' ? false : gpu,
    // A missing binary is said, not compiled: that would take minutes and need a compiler and the network.
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
    logger: (_level, message) => process.stderr.write(`${message.trimEnd()}\n`),
  });
}

async function embed(context: LlamaEmbeddingContext, size: number, text: string): Promise<Vector> {
  if (text.length > LONGEST_TEXT) {
    throw new ModelError(
      'too_long',
      `the text has ${text.length} characters, far more than the ${size} tokens that the model reads`,
    );
  }
  const tokens = context.calculateInputLength(text);
  if (tokens <= MARKS) throw new ModelError('empty_text', 'the text holds nothing that the model could read');
  if (tokens >= size) {
    throw new ModelError('too_long', `the text has ${tokens} tokens and the model reads at most ${size - 1}`);
  }
  const { vector } = await context.getEmbeddingFor(text);
  if (vector.length === 0 || !vector.every(Number.isFinite)) {
    throw new ModelError('evaluation_failed', 'the model gave numbers that are none');
  }
  return normalized(vector);
}
