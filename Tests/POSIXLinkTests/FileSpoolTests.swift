// SPDX-License-Identifier: Apache-2.0
//
// A spool in a folder: what was appended is there for the next process, and no more than the limit.

import CDallocAgent
import CPOSIXLink
import Dalloc
import DallocAgent
import Glibc
import POSIXLink
import Testing

struct FileSpoolTests {
    /// A spool as the agent uses it, in a folder that is gone with it.
    final class OpenSpool {
        let spool = UnsafeMutablePointer<dalloc_file_spool_t>.allocate(capacity: 1)
        let isOpen: Bool

        init(_ folder: String, bytes: UInt64 = 100_000) {
            isOpen = dalloc_file_spool_open(spool, folder, bytes)
        }

        deinit {
            dalloc_file_spool_close(spool)
            spool.deallocate()
        }

        var error: String { dalloc_file_spool_error(spool).map { String(cString: $0) } ?? "" }
        private var functions: dalloc_spool_t { spool.pointee.functions }

        func begin(_ count: Int) -> Bool { functions.begin(functions.context, UInt32(count)) }
        func append(_ bytes: [UInt8]) -> Bool { functions.append(functions.context, bytes, UInt32(bytes.count)) }
        func end() -> Bool { functions.end(functions.context) }
        func drop(_ count: Int) { functions.drop(functions.context, UInt32(count)) }

        func add(_ part: [UInt8]) -> Bool { begin(part.count) && append(part) && end() }

        /// All that it holds, read in pieces of 60 bytes.
        func content(from offset: Int = 0) -> [UInt8] {
            var (content, piece) = ([UInt8](), [UInt8](repeating: 0, count: 60))
            while true {
                let got = functions.read(functions.context, UInt32(offset + content.count), &piece, 60)
                if got <= 0 { return content }
                content += piece.prefix(Int(got))
            }
        }
    }

    private final class Folder {
        let path: String

        init() {
            var template = Array("/tmp/dalloc-spool-XXXXXX".utf8CString)
            path = template.withUnsafeMutableBufferPointer { bytes in
                guard let start = bytes.baseAddress, let made = mkdtemp(start) else { return "/no/such" }
                return String(cString: made)
            }
        }

        deinit {
            for name in names { unlink("\(path)/\(name)") }
            rmdir(path)
        }

        var names: [String] {
            guard let folder = opendir(path) else { return [] }
            defer { closedir(folder) }
            var names: [String] = []
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if !name.hasPrefix(".") { names.append(name) }
            }
            return names.sorted()
        }
    }

    /// Looks like a part: it ends with a zero.
    private func part(_ number: UInt8, _ count: Int = 1000) -> [UInt8] {
        [0] + [UInt8](repeating: number, count: count - 2) + [0]
    }

    @Test func whatWasAppendedIsThereForTheNextProcess() {
        let folder = Folder()
        var all: [UInt8] = []
        for round in 1...4 as ClosedRange<UInt8> {
            let spool = OpenSpool(folder.path)
            #expect(spool.isOpen && spool.content() == all)
            for number in 0..<9 as Range<UInt8> {
                let part = part(round * 10 + number)
                #expect(spool.add(part))
                all += part
                #expect(spool.content(from: max(0, all.count - 1500)) == all.suffix(1500) + [])
            }
            #expect(spool.content() == all)
        }
        #expect(folder.names.first == "00000001.heapwire" && folder.names.count == 8)
    }

    @Test func whatIsDroppedIsRemovedByTheFile() {
        let folder = Folder()
        var all: [UInt8] = []
        do {
            let spool = OpenSpool(folder.path)
            for number in 1...30 as ClosedRange<UInt8> {
                all += part(number)
                #expect(spool.add(part(number)))
            }
            let files = folder.names.count
            for _ in 0..<17 {
                spool.drop(1000)
                all.removeFirst(1000)
                #expect(spool.content() == all)
            }
            #expect(folder.names.count < files)
        }
        do {
            let spool = OpenSpool(folder.path)
            let content = spool.content()
            #expect(
                content.suffix(all.count) == all[...] && content.count - all.count < 6250, "up to a file comes again")
            spool.drop(content.count)
            #expect(spool.content().isEmpty && folder.names.isEmpty)
            #expect(spool.add(part(99)) && spool.content() == part(99))
        }
        #expect(OpenSpool(folder.path).content() == part(99))
    }

    @Test func itTakesNoMoreThanItsLimit() {
        let folder = Folder()
        let spool = OpenSpool(folder.path, bytes: 16_384)
        var parts = 0
        while spool.add(part(1)) { parts += 1 }
        #expect(parts == 16 && spool.content().count == 16_000)
        spool.drop(1000)
        #expect(spool.spool.pointee.size <= 16_384)
        spool.drop(1000)
        #expect(spool.add(part(2)), "there is room again")
        #expect(spool.content().count == 15_000)
    }

    /// A process that is killed between two bytes, at every byte of a part.
    @Test func aTornEndIsCutAfterTheLastWholeFrame() throws {
        let frames: [UInt8] = [0, 5, 1, 1, 1, 1, 0, 4, 2, 2, 2, 0, 3, 3, 3, 0]
        for length in 0...frames.count {
            let folder = Folder()
            // Dies in append: nothing is ended or closed.
            let child = leaveTorn(folder.path, Array(frames.prefix(length)))
            #expect(child)
            let spool = OpenSpool(folder.path)
            let whole = frames.prefix(length).lastIndex(of: 0).map { $0 + 1 } ?? 0
            #expect(spool.isOpen && spool.content() == frames.prefix(whole)[...] + [], "\(length)")
            #expect(spool.add([0, 9, 0]))
            #expect(spool.content() == frames.prefix(whole) + [0, 9, 0])
        }
    }

    /// As a process leaves it that was killed after it had written so many bytes of a part.
    private func leaveTorn(_ folder: String, _ bytes: [UInt8]) -> Bool {
        let spool = OpenSpool(folder)
        guard spool.begin(16), bytes.isEmpty || spool.append(bytes) else { return false }
        return true
    }

    @Test func oneAtATimeHasAFolder() {
        let folder = Folder()
        let first = OpenSpool(folder.path)
        let second = OpenSpool(folder.path)
        #expect(first.isOpen && !second.isOpen)
        #expect(second.error == "another process has the spool \(folder.path): give each a folder of its own")
        #expect(!second.begin(10) && second.content().isEmpty)
    }

    @Test(
        arguments: [
            ("", 100_000, "a spool without a folder"), ("/dev/null", 100_000, "cannot open /dev/null"),
            ("/no/such", 100_000, "cannot make /no/such"), ("/tmp", 16_383, "16384 to 4000000000"),
        ] as [(String, UInt64, String)])
    func whatCantBeOpenedSaysWhy(folder: String, bytes: UInt64, text: String) {
        let spool = OpenSpool(folder, bytes: bytes)
        #expect(!spool.isOpen && spool.error.contains(text), "\(spool.error)")
        #expect(!spool.begin(1))
    }

    @Test func anAgentKeepsInAFolderWhatNobodyTakes() throws {
        let folder = Folder()
        do {
            var heap = try Heap(bytes: 1000)
            var agent = try Agent(
                device: "pump-17", link: .tcp("127.0.0.1", port: 1), spool: .file(folder.path, bytes: 100_000))
            try agent.attach(&heap, as: "main")
            _ = try heap.allocate(byteCount: 10)
            for _ in 0..<5 { agent.poll() }
            #expect(agent.spoolError == nil)
            let isDrained = agent.isDrained
            #expect(!isDrained)
        }
        let content = OpenSpool(folder.path).content()
        #expect(String(decoding: content, as: UTF8.self).contains("pump-17"))
        var agent = try Agent(
            device: "pump-17", link: .tcp("127.0.0.1", port: 1), spool: .file("/dev/null", bytes: 100_000))
        agent.poll()
        #expect(agent.spoolError?.contains("/dev/null") == true)
    }
}
