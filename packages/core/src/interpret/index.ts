export type { Float64Tensor } from './float64-tensor.ts';
export { type InterpretOptions, interpret } from './interpret.ts';
