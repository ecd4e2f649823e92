import fc from 'fast-check';

/** What a parser is given: text where it takes text, and bytes where it takes bytes. */
export type Input = string | Uint8Array<ArrayBuffer>;

/** One parser of bytes that others choose, with what must hold whatever they are. */
export interface Target {
  readonly name: string;
  /**
   * @returns how many of the inputs the parser took
   * @throws unless all of them are judged well; fast-check's error, with the seed and the smallest one
   */
  readonly run: (options: RunOptions) => Promise<number>;
  /** Judges one input, such as one that was found before. */
  readonly judge: (input: Input) => Promise<void>;
}

export interface RunOptions {
  readonly runs: number;
  readonly seed?: number | undefined;
  /** Told of the smallest input that is judged badly. */
  readonly found?: (input: Input) => void;
}

export interface TargetOptions<I extends Input> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<I>;
  /**
   * Throws or rejects if the parser does what it must not, such as failing with an error of no kind
   * of its own.
   *
   * @returns whether the parser took the input
   */
  readonly judge: (input: I) => boolean | Promise<boolean>;
}

export function textTarget(options: TargetOptions<string>): Target {
  return target(options, (input) => (typeof input === 'string' ? input : undefined));
}

export function bytesTarget(options: TargetOptions<Uint8Array<ArrayBuffer>>): Target {
  return target(options, (input) => (typeof input === 'string' ? undefined : input));
}

function target<I extends Input>(
  { name, inputs, judge }: TargetOptions<I>,
  narrow: (input: Input) => I | undefined,
): Target {
  return {
    name,
    async run({ runs, seed, found }) {
      let taken = 0;
      const property = fc.asyncProperty(inputs, async (input) => {
        if (await judge(input)) taken++;
      });
      const details = await fc.check(property, {
        numRuns: runs,
        ...(seed !== undefined && { seed }),
      });
      if (!details.failed) return taken;
      const [smallest] = details.counterexample ?? [];
      if (smallest !== undefined) found?.(smallest);
      throw new Error(fc.defaultReportMessage(details) ?? `${name}: failed`, {
        cause: details.errorInstance,
      });
    },
    async judge(input) {
      const narrowed = narrow(input);
      if (narrowed === undefined) throw new Error(`${name} takes no such input`);
      await judge(narrowed);
    },
  };
}
