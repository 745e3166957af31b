// SPDX-License-Identifier: Apache-2.0
//
// The links of dalloc_posix_link.h as Swift values, which own what they need.

#if !hasFeature(Embedded)
    public import DallocAgent
    internal import CPOSIXLink

    extension AgentLink {
        /// A TCP connection to a collector. Looking up a name may block for as long as the resolver takes, at each
        /// attempt to connect; a numeric address never does.
        public static func tcp(_ host: String, port: UInt16) -> AgentLink {
            link(to: host) { dalloc_tcp_link($0, $1, port) }
        }

        /// A serial line: raw, 8N1, without flow control, and for this process alone. When it goes away (an adapter is
        /// unplugged), it is opened again once it is back.
        public static func serial(_ path: String, baud: UInt32) -> AgentLink {
            link(to: path) { dalloc_serial_link($0, $1, baud) }
        }

        /// A descriptor that is open already and stays the caller's to close: a socket, or either side of a
        /// pseudo-terminal. It becomes non-blocking. The link is down while the other side is closed, and up again
        /// when someone opens it.
        public static func descriptor(_ descriptor: CInt) -> AgentLink {
            link(to: nil) { link, _ in dalloc_descriptor_link(link, descriptor) }
        }

        private static func link(
            to target: String?, _ start: (LinkPointer, UnsafePointer<CChar>?) -> dalloc_link_t
        ) -> AgentLink {
            let memory = LinkMemory(target: target)
            return AgentLink(start(memory.link, memory.target?.start), keeping: memory) { memory.error }
        }
    }
#endif
