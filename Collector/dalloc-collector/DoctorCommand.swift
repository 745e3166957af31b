// SPDX-License-Identifier: Apache-2.0
//
// `dalloc-collector doctor`

internal import ArgumentParser
internal import CommandSupport
internal import DallocCollector
internal import Foundation
internal import HeapHistory

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Listens on a serial line, and says what is wrong with it and what to do.",
        discussion: """
            For a board that was just wired. It ends as soon as all is well, or when it has listened long enough: 15 s unless --seconds says \
            otherwise, and up to 70 s while frames come but no HELLO. When bytes come and no frame is among them, it tries the usual speeds, \
            3 s each. Ctrl-C shows what was found until then.

            It answers the device as a collector does that has nothing of it on disk (WELCOME 0), may ask for the table, and acknowledges \
            nothing. So the device drops no frame: what it has told the doctor, it tells the collector again. A device whose transmit buffer is \
            full loses operations meanwhile, as it does without a collector. No other program may use the line at the same time.

            EXIT CODES
              0   all is well
              64  the command line makes no sense
              65  something is wrong with the line or the device on it
              66  the line can't be opened, or is none

            EXAMPLES
              dalloc-collector doctor --serial /dev/ttyUSB0
              dalloc-collector doctor --serial /dev/ttyACM0 --baud 921600 --seconds 60
              dalloc-collector doctor --serial /dev/ttyUSB0 --format json
            """)

    @Option(help: ArgumentHelp("The serial line, or path:baud.", valueName: "path"))
    var serial: SerialEndpoint

    @Option(help: ArgumentHelp("Bits a second; 115200 if not given.", valueName: "rate"))
    var baud: UInt32?

    @Option(help: ArgumentHelp("How long to listen, 1 to 3600; less when all is well.", valueName: "seconds"))
    var seconds: Int?

    @Flag(help: "Listen for all that time, also when all is well.")
    var wholeTime = false

    @Flag(help: "Try no other speed than this one.")
    var noSearch = false

    @Option(help: "`table` for people, `json` for programs.")
    var format = CheckCommand.Format.table

    @Option(help: "When to use colour.")
    var color = ColorChoice.auto

    private var speed: UInt32 { baud ?? serial.baud }

    func validate() throws {
        guard LineDoctor.speeds.contains(speed) else {
            let known = LineDoctor.speeds.map { "\($0)" }.joined(separator: ", ")
            throw ValidationError("\(speed) is no speed of a serial line. Known are \(known).")
        }
        guard (1...3600).contains(seconds ?? 1) else { throw ValidationError("--seconds must be from 1 to 3600.") }
    }

    func run() async throws {
        let report: LineReport
        let progress = DoctorProgress()
        do {
            let doctor = try LineDoctor(
                path: serial.path, baud: speed, seconds: seconds, searches: !noSearch, endsEarly: !wholeTime)
            report = try await doctor.examine { progress.show($0) }
        } catch let failure as StartFailure {
            progress.end()
            FileHandle.standardError.write(Data("dalloc-collector: \(failure.description.printable)\n".utf8))
            throw ExitCode(failure.kind.exitCode)
        }
        progress.end()
        switch format {
        case .json:
            let json = String(decoding: try HistoryCoding.encoder(pretty: true).encode(report), as: UTF8.self)
            print(json.withoutControlCodesInJSON)
        case .table: print(view.render(report), terminator: "")
        }
        if !report.isWell { throw ExitCode(ExitStatus.data) }
    }

    private var view: DoctorView {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        var (size, columns) = (winsize(), 100)
        if isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            columns = min(columns, Int(size.ws_col))
        }
        return DoctorView(
            usesColor: color.usesColor(isTerminal: isTerminal, environment: ProcessInfo.processInfo.environment),
            columns: columns)
    }
}
