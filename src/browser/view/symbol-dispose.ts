// Must be imported first. Tor Browser's Firefox may lack this symbol, which `using` compiles to.
const symbols: Partial<SymbolConstructor> = Symbol;
if (symbols.dispose === undefined) {
  Object.defineProperty(Symbol, 'dispose', { value: Symbol.for('Symbol.dispose') });
}

export {};
