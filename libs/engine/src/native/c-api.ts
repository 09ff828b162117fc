import koffi, { type TypeObject } from 'koffi';
import type { LibraryFiles } from '../install/library.js';

/** TensorFlow's C API as far as the engine calls it (tensorflow/c/c_api.h and eager/c_api.h). Pointers are
 *  opaque to us. */
export type Pointer = unknown;

export interface Output {
  oper: Pointer;
  index: number;
}

/** TF_DataType. */
export const DataType = {
  float: 1,
  uint8: 4,
  int32: 3,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  half: 19,
  resource: 20,
  bfloat16: 14,
} as const;

/** TF_AttrType, as tfjs-node numbers them. */
export const AttrType = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

const P = 'void *';
const signatures = {
  TF_Version: ['const char *', []],
  TF_NewStatus: [P, []],
  TF_GetCode: ['int', [P]],
  TF_Message: ['const char *', [P]],
  TF_NewBuffer: [P, []],
  TF_DeleteBuffer: ['void', [P]],
  TF_AllocateTensor: [P, ['int', 'int64_t *', 'int', 'size_t']],
  TF_TensorData: [P, [P]],
  TF_TensorByteSize: ['size_t', [P]],
  TF_DeleteTensor: ['void', [P]],
  TFE_NewContextOptions: [P, []],
  TFE_ContextOptionsSetConfig: ['void', [P, 'uint8_t *', 'size_t', P]],
  TFE_DeleteContextOptions: ['void', [P]],
  TFE_NewContext: [P, [P, P]],
  TFE_DeleteContext: ['void', [P]],
  TFE_ContextListDevices: [P, [P, P]],
  TF_DeviceListCount: ['int', [P]],
  TF_DeviceListName: ['const char *', [P, 'int', P]],
  TF_DeviceListType: ['const char *', [P, 'int', P]],
  TF_DeleteDeviceList: ['void', [P]],
  TFE_NewTensorHandle: [P, [P, P]],
  TFE_DeleteTensorHandle: ['void', [P]],
  TFE_TensorHandleResolve: [P, [P, P]],
  TFE_TensorHandleNumDims: ['int', [P, P]],
  TFE_TensorHandleDim: ['int64_t', [P, 'int', P]],
  TFE_TensorHandleDataType: ['int', [P]],
  TFE_NewOp: [P, [P, 'const char *', P]],
  TFE_DeleteOp: ['void', [P]],
  TFE_OpAddInput: ['void', [P, P, P]],
  TFE_OpSetAttrType: ['void', [P, 'const char *', 'int']],
  TFE_OpSetAttrInt: ['void', [P, 'const char *', 'int64_t']],
  TFE_OpSetAttrFloat: ['void', [P, 'const char *', 'float']],
  TFE_OpSetAttrBool: ['void', [P, 'const char *', 'uint8_t']],
  TFE_OpSetAttrString: ['void', [P, 'const char *', 'const char *', 'size_t']],
  TFE_OpSetAttrIntList: ['void', [P, 'const char *', 'int64_t *', 'int']],
  TFE_OpSetAttrShape: ['void', [P, 'const char *', 'int64_t *', 'int', P]],
  TFE_Execute: ['void', [P, '_Out_ void **', '_Inout_ int *', P]],
  TFE_ContextAddFunction: ['void', [P, P, P]],
  TFE_ContextRemoveFunction: ['void', [P, 'const char *', P]],
  TF_NewGraph: [P, []],
  TF_DeleteGraph: ['void', [P]],
  TF_GraphCopyFunction: ['void', [P, P, P, P]],
  TF_GraphGetOpDef: ['void', [P, 'const char *', P, P]],
  TF_NewOperation: [P, [P, 'const char *', 'const char *']],
  TF_AddInput: ['void', [P, 'TF_Output']],
  TF_AddInputList: ['void', [P, 'TF_Output *', 'int']],
  TF_AddControlInput: ['void', [P, P]],
  TF_FinishOperation: [P, [P, P]],
  TF_OperationOutputType: ['int', ['TF_Output']],
  TF_GraphGetTensorNumDims: ['int', [P, 'TF_Output', P]],
  TF_GraphGetTensorShape: ['void', [P, 'TF_Output', '_Inout_ int64_t *', 'int', P]],
  TF_GraphSetTensorShape: ['void', [P, 'TF_Output', 'int64_t *', 'int', P]],
  TF_SetAttrType: ['void', [P, 'const char *', 'int']],
  TF_SetAttrTypeList: ['void', [P, 'const char *', 'int *', 'int']],
  TF_SetAttrFuncName: ['void', [P, 'const char *', 'const char *', 'size_t']],
  TF_SetAttrInt: ['void', [P, 'const char *', 'int64_t']],
  TF_SetAttrFloat: ['void', [P, 'const char *', 'float']],
  TF_SetAttrBool: ['void', [P, 'const char *', 'uint8_t']],
  TF_SetAttrString: ['void', [P, 'const char *', 'const char *', 'size_t']],
  TF_SetAttrIntList: ['void', [P, 'const char *', 'int64_t *', 'int']],
  TF_SetAttrShape: ['void', [P, 'const char *', 'int64_t *', 'int']],
  TF_SetAttrTensor: ['void', [P, 'const char *', P, P]],
  TF_GraphToFunctionWithControlOutputs: [
    P,
    [
      P,
      'const char *',
      'uint8_t',
      'int',
      P,
      'int',
      'TF_Output *',
      'int',
      'TF_Output *',
      P,
      'int',
      'void **',
      P,
      P,
      P,
      P,
    ],
  ],
  TF_FunctionSetAttrValueProto: ['void', [P, 'const char *', 'uint8_t *', 'size_t', P]],
  TF_DeleteFunction: ['void', [P]],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

// The FFI edge: koffi types a function's arguments only at run time, by the table above.
// eslint-disable-next-line typescript/no-explicit-any
type Foreign = (...args: any[]) => any;

export type CApi = Record<keyof typeof signatures, Foreign> & {
  /** A view of foreign memory; valid while the tensor lives. */
  bytes(pointer: Pointer, length: number): Uint8Array;
  /** Bytes of a TF_Buffer. */
  bufferBytes(buffer: Pointer): Uint8Array;
};

let loaded: { library: string; api: CApi } | undefined;

/** Loads the library into this process; there can be only one. */
export function loadCApi(files: LibraryFiles): CApi {
  if (loaded?.library === files.library) return loaded.api;
  if (loaded) throw new Error(`the library ${loaded.library} is already loaded in this process`);
  koffi.load(files.framework, { global: true, lazy: true });
  const library = koffi.load(files.library, { lazy: true });
  // Types without a name: koffi keeps named ones for the whole process, which may load this module twice
  // (Jest does).
  const outputType = koffi.struct({ oper: P, index: 'int' });
  const bufferType = koffi.struct({ data: P, length: 'size_t', data_deallocator: P });
  const types: Record<string, TypeObject> = {
    TF_Output: outputType,
    'TF_Output *': koffi.pointer(outputType),
  };
  const functions = Object.fromEntries(
    Object.entries(signatures).map(([name, [result, args]]) => [
      name,
      library.func(
        name,
        result,
        args.map((a) => types[a] ?? a),
      ),
    ]),
  ) as unknown as Record<keyof typeof signatures, Foreign>;
  const bytes = (pointer: Pointer, length: number) => new Uint8Array(koffi.view(pointer, length));
  const bufferBytes = (buffer: Pointer) => {
    const { data, length } = koffi.decode(buffer, bufferType) as { data: Pointer; length: number | bigint };
    return Uint8Array.from(bytes(data, Number(length)));
  };
  loaded = { library: files.library, api: { ...functions, bytes, bufferBytes } };
  return loaded.api;
}
