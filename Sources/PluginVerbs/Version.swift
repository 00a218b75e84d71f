extension Plugin {
  /// This project's version; CHANGELOG.md tells what is in it.
  package static let version = "0.4.0"
}
