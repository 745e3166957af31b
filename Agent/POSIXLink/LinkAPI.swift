// SPDX-License-Identifier: Apache-2.0
//
// The functions of dalloc_posix_link.h.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDallocAgent
internal import CPOSIXLink

@c @implementation
func dalloc_tcp_link(
    _ link: UnsafeMutablePointer<dalloc_posix_link_t>?, _ host: UnsafePointer<CChar>?, _ port: UInt16
) -> dalloc_link_t {
    guard let link else { return dalloc_link_t() }
    link.pointee = dalloc_posix_link_t()
    link.pointee.target = host
    link.pointee.port = port
    link.pointee.descriptor = -1
    let functions = begin(link, kind: Connector.Kind.tcp)
    endUntargeted(link, "host")
    return functions
}

@c @implementation
func dalloc_serial_link(
    _ link: UnsafeMutablePointer<dalloc_posix_link_t>?, _ path: UnsafePointer<CChar>?, _ baud: UInt32
) -> dalloc_link_t {
    guard let link else { return dalloc_link_t() }
    link.pointee = dalloc_posix_link_t()
    link.pointee.target = path
    link.pointee.baud = baud
    link.pointee.descriptor = -1
    let functions = begin(link, kind: Connector.Kind.serial)
    endUntargeted(link, "path")
    return functions
}

@c @implementation
func dalloc_descriptor_link(
    _ link: UnsafeMutablePointer<dalloc_posix_link_t>?, _ descriptor: Int32
) -> dalloc_link_t {
    guard let link else { return dalloc_link_t() }
    link.pointee = dalloc_posix_link_t()
    link.pointee.descriptor = descriptor
    let functions = begin(link, kind: Connector.Kind.descriptor)
    if dalloc_posix_system_adopt(link) != DALLOC_POSIX_READY { link.pointee.descriptor = -1 }
    return functions
}

@c @implementation
func dalloc_posix_link_close(_ link: UnsafeMutablePointer<dalloc_posix_link_t>?) {
    guard let link else { return }
    Connector(link: link).end()
}

@c @implementation
func dalloc_posix_link_error(_ link: UnsafePointer<dalloc_posix_link_t>?) -> UnsafePointer<CChar>? {
    dalloc_posix_system_error(link)
}

@c @implementation
func dalloc_posix_milliseconds(_ context: UnsafeMutableRawPointer?) -> UInt32 {
    dalloc_posix_system_milliseconds()
}

@c @implementation
func dalloc_posix_random() -> UInt32 { dalloc_posix_system_random() }

/// Without a host, the resolver would answer with this machine.
private func endUntargeted(_ link: LinkPointer, _ what: StaticString) {
    if let target = link.pointee.target, target[0] != 0 { return }
    dalloc_posix_system_untargeted(
        link, UnsafeRawPointer(what.utf8Start).assumingMemoryBound(to: CChar.self))
    Connector(link: link).end()
}

private func begin(_ link: LinkPointer, kind: UInt8) -> dalloc_link_t {
    Connector(link: link).start(kind: kind)
    var functions = dalloc_link_t()
    functions.context = UnsafeMutableRawPointer(link)
    functions.is_up = { context in
        guard let link = context?.assumingMemoryBound(to: dalloc_posix_link_t.self) else { return false }
        return Connector(link: link).isUp()
    }
    functions.write = { context, bytes, count in
        guard let link = context?.assumingMemoryBound(to: dalloc_posix_link_t.self) else { return -1 }
        return Connector(link: link).write(bytes, count)
    }
    functions.read = { context, bytes, count in
        guard let link = context?.assumingMemoryBound(to: dalloc_posix_link_t.self) else { return -1 }
        return Connector(link: link).read(bytes, count)
    }
    // A serial line is simply there, and what the caller opened is the caller's.
    if kind == Connector.Kind.tcp {
        functions.reset = { context in
            guard let link = context?.assumingMemoryBound(to: dalloc_posix_link_t.self) else { return }
            Connector(link: link).giveUp()
        }
    }
    return functions
}
