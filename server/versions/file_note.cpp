#include "server/versions/file_note.h"

#include "server/versions/octet_reader.h"

namespace holdfast::server {
namespace {

// stamp 8 | includes 4, each a text | warnings 4, each: file, a text | line 4 | what, a text. A text: size 4 | octets.

void put(std::vector<std::uint8_t>& out, std::uint64_t value, unsigned octets) {
  for (unsigned i = octets; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put(std::vector<std::uint8_t>& out, const std::string& text) {
  put(out, text.size(), 4);
  out.insert(out.end(), text.begin(), text.end());
}

std::string take(OctetReader& in) {
  const auto octets = in.take(in.number(4));
  return {octets.begin(), octets.end()};
}

}  // namespace

std::vector<std::uint8_t> FileNote::octets() const {
  std::vector<std::uint8_t> out;
  put(out, stamp, 8);
  put(out, includes.size(), 4);
  for (const std::string& file : includes) put(out, file);
  put(out, warnings.size(), 4);
  for (const zones::Problem& warning : warnings) {
    put(out, warning.file);
    put(out, warning.line, 4);
    put(out, warning.what);
  }
  return out;
}

std::optional<FileNote> FileNote::read(std::span<const std::uint8_t> octets) {
  OctetReader in(octets);
  FileNote note;
  note.stamp = in.number(8);
  for (auto left = in.number(4); left > 0 && !in.failed(); --left) note.includes.push_back(take(in));
  for (auto left = in.number(4); left > 0 && !in.failed(); --left) {
    zones::Problem& warning = note.warnings.emplace_back();
    warning.severity = zones::Problem::Severity::warning;
    warning.file = take(in);
    warning.line = static_cast<std::uint32_t>(in.number(4));
    warning.what = take(in);
  }
  if (in.failed() || in.left() != 0) return std::nullopt;
  return note;
}

zones::FileStamp FileNote::stamp_now(const std::string& file,
                                     std::chrono::system_clock::time_point now) const {
  zones::FileStamp all = zones::stamp_of(file, now);
  for (const std::string& include : includes) all = zones::combine(all, zones::stamp_of(include, now));
  return all;
}

}  // namespace holdfast::server
