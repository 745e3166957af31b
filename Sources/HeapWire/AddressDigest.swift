// SPDX-License-Identifier: Apache-2.0

/// A number for each address, whose sum over the blocks of a watched heap, modulo 2^32, is the heap's digest: a device keeps it
/// without a table. It is ``TableDigest``'s hash of the address as 8 bytes.
public enum AddressDigest {
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    public static func of(_ address: UInt) -> UInt32 {
        var digest = TableDigest()
        digest.add(callSite: UInt64(wide: Int(bitPattern: address)))
        return digest.value
    }
}
