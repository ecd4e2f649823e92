import type { Logger } from './logger.js';

/**
 * What has been opened and has to be closed again, last first. Each step runs once, even if others
 * fail.
 */
export class Cleanup {
  readonly #steps: (() => Promise<void> | void)[] = [];
  #done: Promise<void> | undefined;

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /** @throws what the steps threw: the one error, or an AggregateError */
  run(): Promise<void> {
    return (this.#done ??= this.#run());
  }

  /** As `run`, after a failure whose own error is thrown: errors of the steps are only logged. */
  async runAfterFailure(logger: Logger): Promise<void> {
    await this.run().catch((error: unknown) =>
      logger.debug(`cleaning up after a failure: ${String(error)}`),
    );
  }

  async #run(): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, 'several things could not be closed');
  }
}
