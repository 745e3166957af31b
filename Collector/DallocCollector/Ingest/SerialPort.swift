// SPDX-License-Identifier: Apache-2.0
//
// Opens a tty as a binary protocol needs it: raw, eight bits, no flow control, not the controlling terminal, for exclusive use.

internal import Foundation

enum SerialPort {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        /// Waiting can't help.
        var isMistake = false
    }

    struct Speed {
        fileprivate let code: speed_t

        init(baud: UInt32) throws(Failure) {
            guard let code = Self.codes[baud] else {
                let known = Self.known.map(String.init).joined(separator: ", ")
                throw Failure(
                    description: "\(baud) is no speed of a serial line. Known are \(known).", isMistake: true)
            }
            self.code = speed_t(code)
        }

        /// All that a line may have, the lowest first.
        static var known: [UInt32] { codes.keys.sorted() }

        private static let codes: [UInt32: Int32] = [
            1200: B1200, 2400: B2400, 4800: B4800, 9600: B9600, 19_200: B19200, 38_400: B38400, 57_600: B57600,
            115_200: B115200, 230_400: B230400,
            460_800: B460800, 500_000: B500000, 576_000: B576000, 921_600: B921600, 1_000_000: B1000000,
            1_152_000: B1152000, 1_500_000: B1500000, 2_000_000: B2000000, 2_500_000: B2500000,
            3_000_000: B3000000, 3_500_000: B3500000, 4_000_000: B4000000,
        ]
    }

    /// The caller owns the descriptor.
    static func open(_ path: String, _ speed: Speed) throws(Failure) -> CInt {
        let descriptor = Foundation.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            // Another user's program has it for itself.
            if code == EBUSY { throw inUse(path) }
            let cause = String(cString: strerror(code))
            let advice = PortAdvice.words(for: path, code)
            throw Failure(description: "The serial line \(path) can't be opened: \(cause). \(advice)")
        }
        do throws(Failure) {
            try configure(descriptor, path, speed)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func configure(_ descriptor: CInt, _ path: String, _ speed: Speed) throws(Failure) {
        guard isatty(descriptor) == 1 else {
            throw Failure(
                description: "\(path) is not a serial line: it is no tty. Give the path of one, such as /dev/ttyUSB0.",
                isMistake: true)
        }
        // Advisory, but it also holds for root, whom TIOCEXCL does not stop.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, ioctl(descriptor, UInt(TIOCEXCL)) == 0 else {
            throw inUse(path)
        }
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { throw Failure(description: "\(path): \(reason()).") }
        // What a program before us has set stays in a tty. cfmakeraw leaves some of it: flow control of input would send XOFF to the
        // device, parity checks drop its bytes, and hanging up when the line is closed resets boards that hang on DTR.
        cfmakeraw(&settings)
        settings.c_iflag = 0
        settings.c_cflag &= ~tcflag_t(CSTOPB | PARENB | PARODD | HUPCL)
        settings.c_cflag &= ~(tcflag_t(CRTSCTS) | markParity)
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        cfsetispeed(&settings, speed.code)
        cfsetospeed(&settings, speed.code)
        guard tcsetattr(descriptor, TCSANOW, &settings) == 0 else {
            throw Failure(description: "The serial line \(path) does not take its settings: \(reason()).")
        }
    }

    /// Changes the speed of an open line; what was received and not read is dropped, as it came at another one.
    static func tune(_ descriptor: CInt, to speed: Speed) throws(Failure) {
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { throw Failure(description: reason()) }
        cfsetispeed(&settings, speed.code)
        cfsetospeed(&settings, speed.code)
        // An adapter may take the settings, and do another speed.
        guard tcsetattr(descriptor, TCSANOW, &settings) == 0, tcgetattr(descriptor, &settings) == 0,
            cfgetispeed(&settings) == speed.code
        else { throw Failure(description: reason()) }
        tcflush(descriptor, TCIFLUSH)
    }

    private static func inUse(_ path: String) -> Failure {
        let user = PortAdvice.user(of: path) ?? "another program"
        return Failure(description: "The serial line \(path) is in use by \(user). Stop that one first.")
    }

    /// CMSPAR of <asm-generic/termbits-common.h>, which Glibc does not bring: parity bits that never change.
    private static let markParity: tcflag_t = 0o10_000_000_000

    private static func reason() -> String { String(cString: strerror(errno)) }
}
