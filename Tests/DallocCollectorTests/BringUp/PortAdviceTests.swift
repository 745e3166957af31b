// SPDX-License-Identifier: Apache-2.0
//
// Who can't open a serial line is told what to do.

import Foundation
import TestSupport
import Testing

@testable import DallocCollector

struct PortAdviceTests {
    @Test func whoMayNotOpenItIsToldTheGroup() throws {
        let scratch = try Scratch()
        try scratch.write("", to: "tty")
        chmod(scratch["tty"], 0o660)
        let group = try #require(getgrgid(getgid()))
        let name = String(cString: group.pointee.gr_name)
        #expect(PortAdvice.words(for: scratch["tty"], EACCES).contains("sudo usermod -aG \(name) $USER"))
        // Where the group may not open it either, joining it doesn't help.
        chmod(scratch["tty"], 0o600)
        #expect(PortAdvice.words(for: scratch["tty"], EACCES) == "Check its permissions.")
    }

    @Test func whoNamesOneThatIsNotThereIsToldWhichAre() throws {
        #expect(PortAdvice.words(for: "/dev/ttyUSB0:fast", ENOENT).contains("a baud rate is digits only"))
        let scratch = try Scratch()
        for name in ["ttyUSB1", "ttyACM0", "ttyS0", "null"] { try scratch.write("", to: name) }
        #expect(PortAdvice.ports(in: scratch.path) == [scratch["ttyACM0"], scratch["ttyUSB1"]])
        #expect(PortAdvice.ports(in: scratch["no such folder"]).isEmpty)
    }
}
