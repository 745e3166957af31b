// SPDX-License-Identifier: Apache-2.0
//
// A report about a serial line as people read it. A pure function of the report.

internal import CommandSupport
internal import DallocCollector

struct DoctorView {
    var usesColor: Bool
    /// Cells of a line.
    var columns: Int

    /// Ends with a line feed.
    func render(_ report: LineReport) -> String {
        var parts = [heading(report)]
        if let device = report.device { parts.append(figures(device, report)) }
        parts.append(report.findings.filter { $0.isProblem == !report.isWell }.map(finding).joined())
        let notes = report.findings.filter { $0.isProblem == report.isWell }
        if !notes.isEmpty { parts.append(notes.map(finding).joined()) }
        if report.rate != nil { parts.append(configuration(report)) }
        return parts.joined(separator: "\n")
    }

    private func heading(_ report: LineReport) -> String {
        var words = "\(report.rate ?? report.baud) baud, listened for \(seconds(report.milliseconds))"
        words += ", \(count(report.bytes, "byte"))"
        if report.soundFrames > 0 { words += ", \(count(report.soundFrames, "frame"))" }
        if report.repeatedFrames > 0 { words += ", \(report.repeatedFrames.grouped) of them again" }
        if report.damagedFrames > 0 { words += ", \(report.damagedFrames.grouped) damaged" }
        let path = report.path.printable
        var text = indented("\(path) at \(words)", by: "", "  ") + "\n"
        if report.triedRates.count > 1, report.rate == nil {
            let tried = report.triedRates.map { "\($0)" }.joined(separator: ", ")
            text += indented("No frame came at any of these speeds: \(tried).", by: "  ", "  ") + "\n"
        }
        if text.hasPrefix(path) { text = paint(path, .bold) + text.dropFirst(path.count) }
        return text
    }

    private func figures(_ device: LineReport.Device, _ report: LineReport) -> String {
        var rows = [(String, String)]()
        let build = device.build.isEmpty ? "" : ", build \(device.build)"
        rows.append(("device", "\(device.id)\(build)"))
        rows.append(
            (
                "boot",
                "\(hexadecimal(UInt64(device.boot), digits: 8)), \(device.ticksPerSecond.grouped) ticks a second, "
                    + "pointers of \(device.pointerWidth) bytes, \(device.isOneWay ? "one-way" : "two-way")"
                    + (device.offersSummaries ? ", can tell in summaries" : "")
            ))
        for heap in device.heaps { rows.append(("heap \(heap.number)", words(heap))) }
        if let load = words(report) { rows.append(("load", load)) }
        return rows.map {
            indented($0.1.printable, by: paint($0.0.padded(to: 8), .dim), String(repeating: " ", count: 8)) + "\n"
        }.joined()
    }

    private func words(_ heap: LineReport.Heap) -> String {
        let size = heap.size == 0 ? "of a size that is not known, from" : "\(heap.size.grouped) B at"
        let name = heap.name.isEmpty ? "" : "\(heap.name): "
        return
            "\(name)\(size) \(hexadecimal(heap.base, digits: 8, prefix: true)), alignment \(heap.alignment), table of "
            + "\(heap.tableSize.grouped), \(heap.policy.rawValue)\(heap.hasCallSites ? ", call sites" : "")"
            + (heap.isProven ? ", table proven" : "")
    }

    private func words(_ report: LineReport) -> String? {
        guard let operations = report.load.operationsPerSecond, let bytes = report.load.bytesPerSecond,
            let rate = report.rate, let percent = report.load.percent(ofBaud: rate)
        else { return nil }
        return
            "\(round(operations)) allocations and frees a second, \(round(bytes)) bytes a second: \(round(percent)) % of the line"
    }

    private func finding(_ finding: LineFinding) -> String {
        let (sign, ink) = finding.isProblem ? ("✘", Ink.red) : finding.kind == "well" ? ("✔", .green) : ("·", .yellow)
        var text = indented(finding.sentence.printable, by: paint(sign, ink) + " ", "  ") + "\n"
        for advice in finding.advice { text += indented(advice, by: "    - ", "      ") + "\n" }
        return text
    }

    private func configuration(_ report: LineReport) -> String {
        let (path, rate) = (report.path.printable, report.rate ?? report.baud)
        let serve = "dalloc-collector serve --serial \(quoted("\(path):\(rate)")) --database fleet.sqlite"
        let stty = "stty -F \(quoted(path)) \(rate) raw -echo -iexten cs8 -cstopb -parenb -crtscts -hupcl clocal cread"
        return paint("Record it:", .dim) + "\n  \(serve)\n" + paint("The same settings for another program:", .dim)
            + "\n  \(stty)\n"
    }

    /// For a shell.
    private func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x2B...0x3A, 0x40, 0x5F:
                true
            default: false
            }
        }
        return isPlain
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// - Parameters:
    ///   - lead: stands before the first line; it may be coloured.
    ///   - margin: before each other one, as wide.
    private func indented(_ text: String, by lead: String, _ margin: String) -> String {
        let lines = text.wrapped(to: max(20, columns - margin.count)).split(
            separator: "\n", omittingEmptySubsequences: false)
        return lead + lines.joined(separator: "\n" + margin)
    }

    private func paint(_ text: String, _ ink: Ink) -> String { usesColor ? ink.paint(text) : text }

    private func count(_ number: Int, _ noun: String) -> String { "\(number.grouped) \(noun)\(number == 1 ? "" : "s")" }

    private func seconds(_ milliseconds: Int) -> String { "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }

    private func round(_ number: Double) -> String {
        guard number.isFinite, number.magnitude < 1e15 else { return "too many" }
        return number >= 10 ? Int(number.rounded()).grouped : "\((number * 10).rounded() / 10)"
    }

    private func hexadecimal(_ number: UInt64, digits: Int, prefix: Bool = false) -> String {
        let text = String(number, radix: 16)
        return (prefix ? "0x" : "") + String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
