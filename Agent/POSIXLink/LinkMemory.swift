// SPDX-License-Identifier: Apache-2.0
//
// What a link of ordinary Swift owns.

#if !hasFeature(Embedded)
    internal import CPOSIXLink
    internal import DallocAgent

    /// Closes the link at its end.
    final class LinkMemory {
        let link = LinkPointer.allocate(capacity: 1)
        let target: OwnedText?

        /// - Parameter target: host or path. It is cut off at the first zero, as the system would.
        init(target: String?) {
            self.target = target.flatMap { OwnedText(String($0.prefix { $0 != "\0" })) }
        }

        /// The cause of the last failure; nil when there was none.
        var error: String? {
            guard let text = dalloc_posix_link_error(link), text[0] != 0 else { return nil }
            return String(cString: text)
        }

        deinit {
            dalloc_posix_link_close(link)
            link.deallocate()
        }
    }
#endif
