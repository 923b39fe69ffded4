#!/usr/bin/env python3
"""Puts a compiled engine into its JavaScript: pack.py ENGINE.js ENGINE.wasm OUT.js

LZMA makes WebAssembly a fifth smaller than deflate, which is what most hosts send text with.
src/engine.js undoes it."""
import base64
import lzma
import re
import sys

script, wasm, out = sys.argv[1:]
with open(wasm, 'rb') as file:
    code = file.read()
packed = lzma.compress(code, format=lzma.FORMAT_RAW, filters=[{
    'id': lzma.FILTER_LZMA1, 'preset': 9 | lzma.PRESET_EXTREME, 'dict_size': 1 << 24,
    'lc': 3, 'lp': 0, 'pb': 0}])
with open(script, encoding='utf-8') as file:
    text = file.read()
text = text.replace("'WASM'", f"'{base64.b64encode(packed).decode()}'").replace("'SIZE'", str(len(code)))
# Without the comments and indentation.
with open(out, 'w', encoding='utf-8') as file:
    file.write(re.sub(r'^ +|^ *(?://|/\*\*).*\n|^ *\n', '', text, flags=re.M))
