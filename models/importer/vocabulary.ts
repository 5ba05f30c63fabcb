/**
 * A WordPiece vocabulary (`vocab.txt`, one token a line) as llama.cpp's tokeniser reads it.
 *
 * HOST, but pure. llama.cpp marks the beginning of a word and not its continuation: `##ing` becomes `ing`, `run`
 * becomes `▁run`, and tokens in square brackets stay as they are and are control tokens.
 */
import type { Metadata } from './gguf.js';

const NORMAL = 1;
const CONTROL = 3;

/** Special tokens by the names that llama.cpp's metadata gives them (`seperator` is its spelling). */
const SPECIAL_TOKENS = [
  ['tokenizer.ggml.bos_token_id', '[CLS]'],
  ['tokenizer.ggml.cls_token_id', '[CLS]'],
  ['tokenizer.ggml.eos_token_id', '[SEP]'],
  ['tokenizer.ggml.seperator_token_id', '[SEP]'],
  ['tokenizer.ggml.unknown_token_id', '[UNK]'],
  ['tokenizer.ggml.padding_token_id', '[PAD]'],
  ['tokenizer.ggml.mask_token_id', '[MASK]'],
] as const;

/** The tokeniser's metadata. Throws an Error when the text is not the vocabulary of a model of so many words. */
export function readVocabulary(text: string, words: number): readonly (readonly [string, Metadata])[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (lines.length !== words) {
    throw new Error(`vocab.txt has ${lines.length} tokens and the model ${words}: they do not belong together`);
  }
  const types = lines.map((token) => (isControl(token) ? CONTROL : NORMAL));
  return [
    ['tokenizer.ggml.model', { is: 'text', value: 'bert' }],
    ['tokenizer.ggml.pre', { is: 'text', value: 'default' }],
    ['tokenizer.ggml.tokens', { is: 'texts', value: lines.map(markWord) }],
    ['tokenizer.ggml.token_type', { is: 'i32s', value: types }],
    ...SPECIAL_TOKENS.map(([key, token]): readonly [string, Metadata] => {
      const id = lines.indexOf(token);
      if (id < 0) throw new Error(`vocab.txt has no token ${token}`);
      return [key, { is: 'u32', value: id }];
    }),
  ];
}

function isControl(token: string): boolean {
  return token.startsWith('[') && token.endsWith(']') && token.length > 2;
}

function markWord(token: string): string {
  if (isControl(token)) return token;
  return token.startsWith('##') ? token.slice(2) : `\u2581${token}`;
}
