// Tor Browser's Firefox may lack it. What esbuild makes of `using` looks for this then.
const symbols: Partial<SymbolConstructor> = Symbol;
if (symbols.dispose === undefined) {
  Object.defineProperty(Symbol, 'dispose', { value: Symbol.for('Symbol.dispose') });
}

export {};
