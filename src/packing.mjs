// packing.cpp, compiled, at work.

/** What `pack` or `unpack`, as the name says, makes of bytes by the code that has it. */
export async function recode(code, name, bytes) {
  const { instance: { exports } } = await WebAssembly.instantiate(code)
  const view = (address, count) => new Uint8Array(exports.memory.buffer, address.value, count)
  view(exports.given, bytes.length).set(bytes)
  const count = exports[name](bytes.length)
  return view(exports.made, count).slice()
}
