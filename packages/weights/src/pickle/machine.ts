import { ByteReader } from '../byte-reader.ts';
import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import { COST, MAX_COST_RATIO, MAX_MEMO_INDEX, MAX_STACK, MIN_COST_LIMIT } from './limits.ts';
import { PickleGlobal, type PickleValue } from './values.ts';

/** What a function of the list does when a pickle calls it. */
export interface PickleCall {
  readonly args: readonly PickleValue[];
  readonly place: string;
  /** Counts bytes about to be made, before they are. */
  charge(bytes: number): void;
}

/** One entry of the list of functions and classes that a pickle may name. */
export interface PickleGlobalRule {
  /** What it makes when it is called. Without this it may be named, and no more. */
  readonly call?: (call: PickleCall) => PickleValue;
}

export interface PickleOptions {
  /** The file, for messages. */
  readonly place: string;
  /** All that the pickle may name, by full name: `collections.OrderedDict`. */
  readonly globals: ReadonlyMap<string, PickleGlobalRule>;
  /** Size of the file that the pickle is part of, which bounds what it may make; that of the pickle by default. */
  readonly fileBytes?: number;
  /** Looks up what lies outside of the pickle; without it such references are refused. */
  readonly loadPersistent?: (id: PickleValue) => PickleValue;
  /** What to do about a name that is not on the list. */
  readonly refusalHint?: string;
}

const REFUSAL_HINT =
  'A pickle is a program, and this one would run more than weights need. If you trust it, load it in Python ' +
  'and save nothing but the arrays.';

/** The state of a pickle under way: where it stands, its stack, its memo. Nothing recurses. */
export class PickleMachine {
  readonly reader: ByteReader;
  readonly options: PickleOptions;
  private readonly stack: PickleValue[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly costLimit: number;
  private cost = 0;

  constructor(bytes: Uint8Array, options: PickleOptions) {
    this.reader = new ByteReader(bytes, options.place);
    this.options = options;
    const { fileBytes = bytes.length } = options;
    this.costLimit = Math.max(MIN_COST_LIMIT, MAX_COST_RATIO * fileBytes);
  }

  /** An error that says where the pickle stands. */
  fail(reason: string, hint?: string): Error {
    const { place } = this.options;
    const where = `its pickle, before byte ${this.reader.offset}: ${reason}`;
    return damagedFile(place, where, hint === undefined ? {} : { hint });
  }

  /** @throws {@link AlexNetError} `INVALID_MODEL` once the pickle has made more than it may */
  charge(bytes: number): void {
    this.cost += bytes;
    if (this.cost > this.costLimit) {
      throw this.fail(`it makes more than the limit of ${this.costLimit} bytes`);
    }
  }

  push(value: PickleValue, cost = 0): void {
    this.charge(COST.place + cost);
    if (this.stack.length >= MAX_STACK) {
      throw this.fail(`more than ${MAX_STACK} values wait on its stack`);
    }
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.length > this.floor ? this.stack.pop() : undefined;
    if (value === undefined) throw this.fail('its stack is empty');
    return value;
  }

  top(): PickleValue {
    const value = this.stack.length > this.floor ? this.stack.at(-1) : undefined;
    if (value === undefined) throw this.fail('its stack is empty');
    return value;
  }

  mark(): void {
    this.charge(COST.place);
    if (this.marks.length >= MAX_STACK) throw this.fail(`it sets more than ${MAX_STACK} marks`);
    this.marks.push(this.stack.length);
  }

  /** All above the last mark, which goes as well. */
  popToMark(): PickleValue[] {
    const begin = this.marks.pop();
    if (begin === undefined) throw this.fail('it ends a group that it never began');
    return this.stack.splice(begin);
  }

  /** POP of Python: the last value, or the last mark where nothing lies above it. */
  drop(): void {
    if (this.stack.length > this.floor) this.stack.pop();
    else if (this.marks.pop() === undefined) throw this.fail('its stack is empty');
  }

  remember(index: number): void {
    if (index > MAX_MEMO_INDEX) {
      throw this.fail(`memo place ${index} is beyond the limit of ${MAX_MEMO_INDEX}`);
    }
    this.charge(COST.memo);
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.fail(`memo place ${index} is empty`);
    this.push(value);
  }

  /** @throws {@link AlexNetError} `INVALID_MODEL` with the name of what is not on the list */
  findGlobal(module: string, name: string): PickleGlobal {
    const fullName = `${module}.${name}`;
    if (this.options.globals.has(fullName)) return new PickleGlobal(fullName);
    throw refuseGlobal(fullName, this.options);
  }

  /** Calls a function of the list. */
  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue {
    const rule = callee instanceof PickleGlobal ? this.options.globals.get(callee.name) : undefined;
    if (rule?.call === undefined) throw this.fail('it calls what is no function of the list');
    return rule.call({
      args,
      place: this.options.place,
      charge: (bytes) => this.charge(bytes),
    });
  }

  /** The one value that is left at the end. */
  finish(): PickleValue {
    const value = this.pop();
    if (this.stack.length > 0 || this.marks.length > 0) {
      throw this.fail(`${this.stack.length} values are left on its stack`);
    }
    return value;
  }

  private get floor(): number {
    return this.marks.at(-1) ?? 0;
  }
}

function refuseGlobal(name: string, { place, refusalHint }: PickleOptions): Error {
  const shown = quoteName(name);
  return damagedFile(
    place,
    `it names ${shown}, which is not among the types that weights are made of`,
    {
      hint: refusalHint ?? REFUSAL_HINT,
    },
  );
}
