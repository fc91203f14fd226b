import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece, by OpenSSL's libcrypto (`EVP_DigestInit_ex` and its kin).
package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Begins with nothing taken yet.
  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("OpenSSL's libcrypto does not give SHA-256: its policy or its memory forbids it")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes more bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "EVP_DigestUpdate")
  }

  /// The checksum of all that was taken.
  package consuming func finalize() -> SHA256Digest {
    let bytes = [UInt8](unsafeUninitializedCapacity: SHA256Digest.byteCount) { buffer, count in
      precondition(EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1, "EVP_DigestFinal_ex")
      count = SHA256Digest.byteCount
    }
    return SHA256Digest(bytes: bytes)
  }
}
