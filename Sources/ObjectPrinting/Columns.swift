/// Rows of cells whose columns line up.
///
/// Rows come in batches, and each batch is laid out at once: a column is as wide as its widest cell so far, so that a
/// long listing need not be held in memory. A listing of one batch lines up as a whole.
package struct Columns {
  private var widths: [Int] = []

  package init() {}

  /// The rows as lines; the last cell of a row is not padded.
  package mutating func lines(_ rows: [[String]]) -> String {
    for row in rows {
      for (index, cell) in row.dropLast().enumerated() {
        if index == widths.count { widths.append(minimumWidth) }
        widths[index] = max(widths[index], width(cell) + padding)
      }
    }
    var text: [UInt8] = []
    for row in rows {
      for (index, cell) in row.dropLast().enumerated() {
        text += cell.utf8
        text += repeatElement(UInt8(ascii: " "), count: widths[index] - width(cell))
      }
      text += (row.last ?? "").utf8
      text.append(UInt8(ascii: "\n"))
    }
    return String(decoding: text, as: UTF8.self)
  }

  private let minimumWidth = 6
  private let padding = 3
}

/// Lines of cells where a column reaches only as far as lines that have it follow each other.
struct ElasticText {
  private var lines: [[String]] = []

  mutating func line(_ cells: String...) { lines.append(cells) }

  /// The laid out text: all cells but the last of a line are padded, two spaces at least.
  var text: String {
    var widths: [Int] = []
    var text = ""
    write(lines[...], &widths, &text)
    return text
  }

  private func write(_ block: ArraySlice<[String]>, _ widths: inout [Int], _ text: inout String) {
    let column = widths.count
    var rest = block
    while let line = rest.first {
      guard column < line.count - 1 else {
        for (index, cell) in line.dropLast().enumerated() { text += padded(cell, to: widths[index]) }
        text += (line.last ?? "") + "\n"
        rest = rest.dropFirst()
        continue
      }
      let run = rest.prefix { column < $0.count - 1 }
      widths.append(run.map { width($0[column]) }.reduce(0, max) + 2)
      write(run, &widths, &text)
      widths.removeLast()
      rest = rest.dropFirst(run.count)
    }
  }
}

/// The number of scalars: of octets that continue none.
private func width(_ cell: String) -> Int { cell.utf8.reduce(0) { $1 & 0xc0 == 0x80 ? $0 : $0 + 1 } }

private func padded(_ cell: String, to columns: Int) -> String {
  cell + String(repeating: " ", count: max(0, columns - width(cell)))
}
