/**
 * The importer: a sentence encoder of the BERT family, as its authors published it, becomes one GGUF file.
 *
 * HOST, but without I/O. Takes `model.safetensors`, `vocab.txt` and what `config.json` says, gives the bytes of the
 * file; the same input gives the same bytes, so that the output's SHA-256 can be recorded and compared. Refuses
 * what llama.cpp's `bert` architecture would compute differently, instead of importing it wrongly.
 */
import { isJsonMap } from '../../language/plan/json.js';
import { type Metadata, type TensorType, type WrittenTensor, writeGguf } from './gguf.js';
import { Q8_BLOCK_VALUES, toF16, toF32, toQ8 } from './quantize.js';
import { type Tensor, readSafetensors } from './safetensors.js';
import { readVocabulary } from './vocabulary.js';

/** Rises whenever the same input would give other bytes: part of a cached file's stamp. */
export const IMPORTER_VERSION = 1;

export type Pooling = 'mean' | 'cls';

export interface BertSource {
  readonly name: string;
  /** `model.safetensors` */
  readonly weights: Buffer;
  /** `vocab.txt` */
  readonly vocabulary: string;
  /** `config.json`, parsed; without it `heads` must be given. */
  readonly config?: unknown;
  /** Attention heads: the one number that the tensors' shapes do not tell. */
  readonly heads?: number;
  readonly pooling: Pooling;
  readonly as: TensorType;
}

interface Shape {
  readonly layers: number;
  readonly width: number;
  readonly inner: number;
  readonly context: number;
  readonly words: number;
  readonly types: number;
  readonly heads: number;
  readonly epsilon: number;
}

/** llama.cpp's numbers: LLAMA_FTYPE_* and LLAMA_POOLING_TYPE_*. */
const FILE_TYPES = { F32: 0, F16: 1, Q8_0: 7 } as const;
const POOLING_TYPES = { mean: 1, cls: 2 } as const;

/** What becomes of the tensors of one layer; `dense` ones are matrices and may be quantised. */
const LAYER_TENSORS = [
  ['attention.self.query', 'attn_q', 'dense'],
  ['attention.self.key', 'attn_k', 'dense'],
  ['attention.self.value', 'attn_v', 'dense'],
  ['attention.output.dense', 'attn_output', 'dense'],
  ['attention.output.LayerNorm', 'attn_output_norm', 'norm'],
  ['intermediate.dense', 'ffn_up', 'dense'],
  ['output.dense', 'ffn_down', 'dense'],
  ['output.LayerNorm', 'layer_output_norm', 'norm'],
] as const;

/** The GGUF file. Throws an Error that says what is wrong with the input. */
export function importBert(source: BertSource): Buffer {
  const tensors = withoutPrefix(readSafetensors(source.weights));
  const shape = readShape(tensors, source);
  const vocabulary = readVocabulary(source.vocabulary, shape.words);
  const metadata: readonly (readonly [string, Metadata])[] = [
    ['general.architecture', { is: 'text', value: 'bert' }],
    ['general.name', { is: 'text', value: source.name }],
    ['general.file_type', { is: 'u32', value: FILE_TYPES[source.as] }],
    ['general.quantization_version', { is: 'u32', value: 2 }],
    ['bert.block_count', { is: 'u32', value: shape.layers }],
    ['bert.context_length', { is: 'u32', value: shape.context }],
    ['bert.embedding_length', { is: 'u32', value: shape.width }],
    ['bert.feed_forward_length', { is: 'u32', value: shape.inner }],
    ['bert.attention.head_count', { is: 'u32', value: shape.heads }],
    ['bert.attention.layer_norm_epsilon', { is: 'f32', value: shape.epsilon }],
    ['bert.attention.causal', { is: 'flag', value: false }],
    ['bert.pooling_type', { is: 'u32', value: POOLING_TYPES[source.pooling] }],
    ['tokenizer.ggml.token_type_count', { is: 'u32', value: shape.types }],
    ...vocabulary,
  ];
  return writeGguf(metadata, writeTensors(tensors, shape, source.as));
}

/** Checkpoints saved with a task head call everything `bert.…`. */
function withoutPrefix(tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return new Map([...tensors].map(([name, tensor]) => [name.replace(/^bert\./, ''), tensor]));
}

function writeTensors(tensors: ReadonlyMap<string, Tensor>, shape: Shape, as: TensorType): readonly WrittenTensor[] {
  const { width, inner } = shape;
  const written: WrittenTensor[] = [];
  const add = (from: string, to: string, dimensions: readonly number[], type: TensorType): void => {
    const tensor = find(tensors, from);
    if (tensor.shape.join() !== dimensions.join()) {
      throw new Error(
        `tensor "${from}" has shape [${tensor.shape.join(', ')}] where [${dimensions.join(', ')}] was expected`,
      );
    }
    written.push(encode(to, dimensions, type, tensor.values()));
  };
  add('embeddings.word_embeddings.weight', 'token_embd.weight', [shape.words, width], as);
  add('embeddings.position_embeddings.weight', 'position_embd.weight', [shape.context, width], 'F32');
  add('embeddings.token_type_embeddings.weight', 'token_types.weight', [shape.types, width], 'F32');
  add('embeddings.LayerNorm.weight', 'token_embd_norm.weight', [width], 'F32');
  add('embeddings.LayerNorm.bias', 'token_embd_norm.bias', [width], 'F32');
  for (let layer = 0; layer < shape.layers; layer += 1) {
    for (const [from, to, kind] of LAYER_TENSORS) {
      const rows = to === 'ffn_up' ? inner : width;
      const columns = to === 'ffn_down' ? inner : width;
      const dimensions = kind === 'dense' ? [rows, columns] : [rows];
      add(
        `encoder.layer.${layer}.${from}.weight`,
        `blk.${layer}.${to}.weight`,
        dimensions,
        kind === 'dense' ? as : 'F32',
      );
      add(`encoder.layer.${layer}.${from}.bias`, `blk.${layer}.${to}.bias`, [rows], 'F32');
    }
  }
  return written;
}

function encode(name: string, shape: readonly number[], type: TensorType, values: Float32Array): WrittenTensor {
  const rowLength = shape.at(-1) ?? 0;
  if (type === 'Q8_0' && rowLength % Q8_BLOCK_VALUES === 0) return { name, shape, type, data: toQ8(values) };
  if (type === 'F16') return { name, shape, type, data: toF16(values) };
  return { name, shape, type: 'F32', data: toF32(values) };
}

function readShape(tensors: ReadonlyMap<string, Tensor>, source: BertSource): Shape {
  const config = isJsonMap(source.config) ? source.config : {};
  refuseOthers(tensors, config);
  const [words = 0, width = 0] = find(tensors, 'embeddings.word_embeddings.weight').shape;
  const [context = 0] = find(tensors, 'embeddings.position_embeddings.weight').shape;
  const [types = 0] = find(tensors, 'embeddings.token_type_embeddings.weight').shape;
  const [inner = 0] = find(tensors, 'encoder.layer.0.intermediate.dense.weight').shape;
  let layers = 0;
  while (tensors.has(`encoder.layer.${layers}.attention.self.query.weight`)) layers += 1;
  const heads = typeof config['num_attention_heads'] === 'number' ? config['num_attention_heads'] : source.heads;
  if (heads === undefined) throw new Error('config.json is needed: it says how many attention heads the model has');
  if (width % heads !== 0) throw new Error(`${heads} attention heads do not divide a width of ${width}`);
  const epsilon = typeof config['layer_norm_eps'] === 'number' ? config['layer_norm_eps'] : 1e-12;
  return { layers, width, inner, context, words, types, heads, epsilon };
}

function refuseOthers(tensors: ReadonlyMap<string, Tensor>, config: Readonly<Record<string, unknown>>): void {
  const expected = [
    ['model_type', 'bert'],
    ['hidden_act', 'gelu'],
    ['position_embedding_type', 'absolute'],
  ] as const;
  for (const [key, value] of expected) {
    const found = config[key];
    if (found !== undefined && found !== value) {
      throw new Error(`config.json says ${key} ${JSON.stringify(found)}; only "${value}" can be imported`);
    }
  }
  if (!tensors.has('embeddings.word_embeddings.weight')) {
    const some = [...tensors.keys()].slice(0, 3).join(', ');
    throw new Error(`this is no encoder of the BERT family: it has no word embeddings (it has ${some}, …)`);
  }
}

function find(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`the model has no tensor "${name}"`);
  return tensor;
}
