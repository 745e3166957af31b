import GRDB
import Hummingbird
import NIOPosix
public func seed() -> [UInt8] { PackageResources._0001_first_sql }
