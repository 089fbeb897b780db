// Data, not code: the compiler need not know each coordinate.
declare module 'world-atlas/countries-50m.json' {
  const atlas: object;
  export default atlas;
}
