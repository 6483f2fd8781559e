/**
 * The ONNX messages as plain data, in camelCase; fields that we neither write nor need are left out,
 * and skipped when read.
 *
 * @see onnx/onnx.proto3 of github.com/onnx/onnx, release 1.23
 */
export interface ModelProto {
  /** Version of the file format. */
  readonly irVersion: number;
  readonly producerName?: string;
  readonly producerVersion?: string;
  /** Version of the model itself. */
  readonly modelVersion?: number;
  readonly docString?: string;
  readonly graph: GraphProto;
  /** Operator sets that the graph draws on; the domain '' is ONNX's own. */
  readonly opsetImport: readonly OperatorSetIdProto[];
  readonly metadataProps: readonly StringStringEntryProto[];
}

export interface OperatorSetIdProto {
  readonly domain: string;
  readonly version: number;
}

export interface StringStringEntryProto {
  readonly key: string;
  readonly value: string;
}

export interface GraphProto {
  /** In an order in which they can run. */
  readonly node: readonly NodeProto[];
  readonly name?: string;
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export interface NodeProto {
  /** Names of values; '' stands for an optional operand that is left out. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType: string;
  readonly attribute: readonly AttributeProto[];
  readonly domain?: string;
}

/** One of the value fields is set, the one that `type` says. */
export interface AttributeProto {
  readonly name: string;
  readonly f?: number;
  readonly i?: bigint;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats: readonly number[];
  readonly ints: readonly bigint[];
  readonly type: number;
}

/**
 * Values stand in `rawData`, little-endian, or in the list of their type. The lists are kept as the bytes that
 * they are packed in: the weights of older files stand there, and are millions.
 */
export interface TensorProto {
  readonly dims: readonly number[];
  /** One of {@link DataType}. */
  readonly dataType: number;
  /** float32, four bytes each. */
  readonly floatData?: Uint8Array;
  /** int32 as varints; int16, int8, bool and halves (their bits) as well. */
  readonly int32Data?: Uint8Array;
  /** int64 as varints. */
  readonly int64Data?: Uint8Array;
  readonly name?: string;
  readonly rawData?: Uint8Array;
  /** float64, eight bytes each. */
  readonly doubleData?: Uint8Array;
  readonly externalData: readonly StringStringEntryProto[];
  /** 1: the values are in another file. */
  readonly dataLocation?: number;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type?: TypeProto;
}

/** One of the two is set in what we write; other programs may use kinds that are skipped here. */
export interface TypeProto {
  readonly tensorType?: TensorTypeProto;
  readonly sequenceType?: SequenceTypeProto;
}

export interface TensorTypeProto {
  /** One of {@link DataType}. */
  readonly elemType: number;
  /** Absent where the rank is unknown. */
  readonly shape?: TensorShapeProto;
}

export interface SequenceTypeProto {
  readonly elemType: TypeProto;
}

export interface TensorShapeProto {
  readonly dim: readonly DimensionProto[];
}

/** A length, or a name for one that is known at run time; neither where nothing is known. */
export interface DimensionProto {
  readonly dimValue?: number;
  readonly dimParam?: string;
}

/** `TensorProto.DataType` of onnx.proto3. */
export const DataType = {
  undefined: 0,
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
} as const;

/** `AttributeProto.AttributeType` of onnx.proto3. */
export const AttributeType = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
} as const;

/** `TensorProto.DataLocation` of onnx.proto3. */
export const DataLocation = { default: 0, external: 1 } as const;
