// The bits that short runs have under each revision of the arithmetic.
//
// NumericsTests compares them. When it fails, no number here is replaced: raise `Numerics.revision` and add a row for it.

/// The bits of a run, as checksums.
struct RunBits: Equatable, Sendable {
  /// SHA-256 of the epoch records without their seconds, one line per epoch.
  let records: String
  /// SHA-256 of the resulting parameters, as little-endian float32 in the layout's order.
  let parameters: String
}

/// By revision and reference run.
let recordedBits: [Int: [ReferenceRun: RunBits]] = [
  1: [
    .keras: RunBits(
      records: "f7ee363a76289e9fb5effe0c02a506b72cecbe2bfc07208871e51e57bed2d960",
      parameters: "0fe3124b19116a3a0492c20d6daa3c66da9e532d50b260f1d85b9d9ce7a66f1d"),
    .best: RunBits(
      records: "fe62687b380a1ce12e5c95a4152da83865d72b4ea7efc55a4b82050aa5900655",
      parameters: "cd3466c8c3039d257ec8d907d13c4a303fda84a17a8c37f7a08fb38025e267eb"),
    .everything: RunBits(
      records: "fcb4566511044052ac9414e49fe14e1f8a26c23a9d1718423c121e5f43177399",
      parameters: "d19bd485470ffdbdd9c0b334577e5b8a92d8de887816912ca9c0bbf3237af006"),
    .fileOrder: RunBits(
      records: "413e88bd74bfa2b5c5a2814381b362d3b909629db38ee8f8806fa4978dc115f2",
      parameters: "2b9862aafb1973c93c8e8ec849707ebdba5c1493d3face9ddebed611ffc64590"),
    .shards: RunBits(
      records: "ae18c555606bd6e5a47e045d4691254bc5b0400f6e55145035d70a4cda83c856",
      parameters: "e3ab7d877d1b2e4e1bc86d5f85d6a39fe9b4d0845e5159c437153a763018ccb1"),
  ],
  2: [
    .keras: RunBits(
      records: "4db01b5a15b658775cfee90a7f9c8d5967d414977b7762952d3b4f1a1de58fc9",
      parameters: "0c2312fdc9c077f47bd66aabe6006d2589ca4b392ab0e5b72f2289e660d1dfdb"),
    .best: RunBits(
      records: "fe62687b380a1ce12e5c95a4152da83865d72b4ea7efc55a4b82050aa5900655",
      parameters: "cd3466c8c3039d257ec8d907d13c4a303fda84a17a8c37f7a08fb38025e267eb"),
    .everything: RunBits(
      records: "95bb63cac3650a7d52ff57acc015f6ea9fea7f565ce99a5ddf235d39a4f86765",
      parameters: "28a1f59ce4fc4a0d5152a698db39c098cd73ff5eadf097e5c3f962d57ea15d55"),
    .fileOrder: RunBits(
      records: "0aadc4a172f6d9970ac94e7249d33f4a8edd06331154d859f6526ed16cc85f61",
      parameters: "09c91181b52be0721222550e6660ff9b7dda4d7a10ead90e6768ec82a3644226"),
    .shards: RunBits(
      records: "8378365ab1ed20cc1e3132cb892fa72793359c92f35ae58748b341dc2c6baa4f",
      parameters: "fd8fa7dd18500fee0d95af681bb6773c95194bb2724706ed4f5bf93ed9e8de7b"),
  ],
]
