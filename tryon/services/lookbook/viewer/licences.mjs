// The text of every licence that the built files are under.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const PACKAGES = ["@sparkjsdev/spark", "three", "fflate"];

// Spark's WebAssembly is compiled from Rust: the crates that its panic messages name, and those that its sources ask for
// besides. Each offers the licence named here.
const CRATES = `anyhow, adler2, ahash, cfg-if, console_error_panic_hook, crc32fast, dlmalloc, fdeflate, glam, half,
hashbrown, image, image-webp, indexmap, itertools, itoa, js-sys, miniz_oxide, num-traits, once_cell, png, rand_core, rand_pcg, rustc-demangle, ryu,
serde, serde_core, serde_json, smallvec, wasm-bindgen, web-sys, and Rust's standard library`;

const RUST = (apache) => `Rust crates compiled into spark.wasm

Used under the Apache License 2.0, which each of them offers (its text follows):
${CRATES}.

Used under the Unlicense (public domain): memchr (Andrew Gallant).
Used under the MIT licence:
  serde-wasm-bindgen, Copyright (c) 2019 Cloudflare, Inc.
  hnsw and space, by the Rust CV project (https://github.com/rust-cv)
  ordered-float, Copyright (c) 2015 Jonathan Reem
  simd-adler32, Copyright (c) 2021 Marvin Countryman
  zip, Copyright (c) 2014 Mathijs van de Nes
with the permission notice that stands above for Spark and three.js.
Used under the zlib licence: zlib-rs, (C) 2024 Trifecta Tech Foundation.
  This software is provided 'as-is', without any express or implied warranty. In no event will the authors be held
  liable for any damages arising from the use of this software. Permission is granted to anyone to use this software
  for any purpose, including commercial applications, and to alter it and redistribute it freely, subject to the
  following restrictions: 1. The origin of this software must not be misrepresented; you must not claim that you wrote
  the original software. If you use this software in a product, an acknowledgment in the product documentation would be
  appreciated but is not required. 2. Altered source versions must be plainly marked as such, and must not be
  misrepresented as being the original software. 3. This notice may not be removed or altered from any source
  distribution.

${apache}`;

export async function licences(here, apache) {
  const lock = JSON.parse(await readFile(join(here, "package-lock.json"), "utf8")).packages;
  const parts = ["viewer.js, spark-worker.js and spark.wasm hold these works; build.mjs says how they are put together."];
  for (const name of PACKAGES) {
    const text = await readFile(join(here, "node_modules", name, "LICENSE"), "utf8");
    parts.push(`${name} ${lock[`node_modules/${name}`].version}\n\n${text.trim()}`);
  }
  parts.push(RUST((await readFile(apache, "utf8")).trim()));
  return parts.join(`\n\n${"-".repeat(80)}\n\n`) + "\n";
}
