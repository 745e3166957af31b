// SPDX-License-Identifier: Apache-2.0
//
// What a spool of ordinary Swift owns.

#if !hasFeature(Embedded)
    internal import CDallocAgent
    internal import CPOSIXLink
    internal import DallocAgent

    /// Closes the spool at its end.
    final class SpoolMemory {
        private let spool = UnsafeMutablePointer<dalloc_file_spool_t>.allocate(capacity: 1)

        init(folder: String, bytes: UInt64) {
            let text = OwnedText(String(folder.prefix { $0 != "\0" }))
            _ = dalloc_file_spool_open(spool, text?.start, bytes)
        }

        /// They are the first field, and stay where they are.
        var functions: UnsafeMutablePointer<dalloc_spool_t> {
            UnsafeMutableRawPointer(spool).assumingMemoryBound(to: dalloc_spool_t.self)
        }

        /// The cause of the last failure; nil when there was none.
        var error: String? {
            guard let text = dalloc_file_spool_error(spool), text[0] != 0 else { return nil }
            return String(cString: text)
        }

        deinit {
            dalloc_file_spool_close(spool)
            spool.deallocate()
        }
    }
#endif
