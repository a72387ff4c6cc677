#include "zones/load/zone_text.h"

#include <algorithm>
#include <optional>

#include "zones/load/lines.h"
#include "zones/load/rdata.h"
#include "zones/load/rdata_writer.h"
#include "zones/load/ttl.h"

namespace holdfast::zones {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(c >= 'a' && c <= 'z' ? c & ~0x20 : c);
  return result;
}

/// The number of a class, null for what is none.
std::optional<std::uint64_t> parse_class(std::string_view text) {
  if (text.size() == 2 && (text[0] | 0x20) == 'i' && (text[1] | 0x20) == 'n') return 1;
  if (text.size() < 2 || text.size() > 10) return std::nullopt;
  const std::string name = upper(text);
  if (name == "CS") return 2;
  if (name == "CH") return 3;
  if (name == "HS") return 4;
  if (name.starts_with("CLASS")) return parse_number(std::string_view(name).substr(5), 65535);
  return std::nullopt;
}

/// Types that are for questions and messages, not for data (RFC 6895 3.1).
bool is_data_type(RrType type) {
  const auto number = static_cast<std::uint16_t>(type);
  return number != 0 && type != RrType::OPT && (number < 128 || number > 255);
}

/// Reads one text and those that it includes.
class Reader {
 public:
  Reader(const ReadFile& include, Findings& findings) : include_(include), findings_(findings) {}

  void read(std::string_view text, const std::filesystem::path& path, NameView origin,
            const std::optional<Name>& owner);
  ZoneText take() { return std::move(result_); }

 private:
  /// One file being read.
  struct Source {
    std::filesystem::path path;
    std::uint16_t file;
    Name origin;
    std::optional<Name> owner;  // of the record before
    bool owner_broken = false;  // the owner above could not be read: indented records after it have no place
  };

  void directive(Source& source, const Line& line);
  void include(Source& source, const Line& line);
  void record(Source& source, const Line& line);
  bool read_owner(Source& source, const Line& line);
  std::optional<std::uint32_t> ttl_from(std::string_view text, Place place);
  void stop(Place place, const std::string& why);

  const ReadFile& include_;
  Findings& findings_;
  ZoneText result_;
  std::optional<std::uint32_t> default_ttl_;  // of $TTL (RFC 2308 4)
  std::optional<std::uint32_t> last_ttl_;     // the last that a record gave (RFC 1035 5.1)
  std::vector<std::filesystem::path> open_;   // the files being read, each included by the one before
  std::vector<std::uint8_t> data_;
  std::size_t text_size_ = 0;
  bool stopped_ = false;
};

void Reader::read(std::string_view text, const std::filesystem::path& path, NameView origin,
                  const std::optional<Name>& owner) {
  Source source{path, static_cast<std::uint16_t>(result_.files.size()), Name(origin), owner};
  open_.push_back(path);
  result_.files.push_back(path.string());
  text_size_ += text.size();
  if (text_size_ > kMaxTextSize) {
    stop({source.file, 0},
         "the files of this zone are larger than " + std::to_string(kMaxTextSize) + " octets");
  }
  if (text.starts_with("\xef\xbb\xbf")) {
    findings_.error({source.file, 1}, "begins with a byte order mark: save the file as plain ASCII");
    text.remove_prefix(3);
  }
  LineReader lines(text);
  Line line;
  while (!stopped_ && lines.next(line)) {
    if (!line.error.empty()) {
      findings_.error({source.file, line.number}, line.error);
    } else if (!line.indented && !line.tokens[0].quoted && line.tokens[0].text.starts_with('$')) {
      directive(source, line);
    } else {
      record(source, line);
    }
  }
  open_.pop_back();
}

void Reader::directive(Source& source, const Line& line) {
  const Place place{source.file, line.number};
  const std::string name = upper(line.tokens[0].text);
  const std::size_t values = line.tokens.size() - 1;
  if (name == "$INCLUDE") return include(source, line);
  if (name == "$ORIGIN") {
    const auto origin = values == 1 ? Name::parse(line.tokens[1].text, source.origin) : std::nullopt;
    if (!origin) return findings_.error(place, "$ORIGIN needs one domain name (RFC 1035 5.1)");
    source.origin = *origin;
  } else if (name == "$TTL") {
    if (values != 1) return findings_.error(place, "$TTL needs one time, like 3600 or 1h30m (RFC 2308 4)");
    if (const auto ttl = ttl_from(line.tokens[1].text, place)) default_ttl_ = ttl;
  } else if (name == "$GENERATE") {
    findings_.error(place, "$GENERATE is an extension of BIND and not supported: write the records out");
  } else {
    findings_.error(place,
                    show(line.tokens[0].text) + " is not a directive: there are $ORIGIN, $TTL and $INCLUDE");
  }
}

void Reader::include(Source& source, const Line& line) {
  const Place place{source.file, line.number};
  if (line.tokens.size() < 2 || line.tokens.size() > 3) {
    return findings_.error(place, "$INCLUDE needs a file and perhaps an origin (RFC 1035 5.1)");
  }
  const auto path = unescape(line.tokens[1].text);
  const auto origin =
      line.tokens.size() == 3 ? Name::parse(line.tokens[2].text, source.origin) : source.origin;
  if (!origin)
    return findings_.error(place, show(line.tokens[2].text) + " is not a domain name (RFC 1035 2.3.4, 5.1)");
  if (!path || path->empty() || std::find(path->begin(), path->end(), 0) != path->end()) {
    return findings_.error(place, show(line.tokens[1].text) + " is not the name of a file");
  }
  if (open_.size() > kMaxIncludeDepth) {
    return findings_.error(
        place, "files include each other more than " + std::to_string(kMaxIncludeDepth) + " deep");
  }
  if (result_.files.size() > kMaxIncludes) {
    stop(place, "more than " + std::to_string(kMaxIncludes) + " files are included");
    return;
  }
  const std::filesystem::path file =
      (source.path.parent_path() / std::string(path->begin(), path->end())).lexically_normal();
  if (std::find(open_.begin(), open_.end(), file) != open_.end()) {
    return findings_.error(place, show(file.string()) + " includes itself: take this line out");
  }
  const FileText text = include_(file);
  if (!text.error.empty())
    return findings_.error(place, "cannot read " + show(file.string()) + ": " + text.error);
  read(text.text, file, *origin, source.owner);
}

bool Reader::read_owner(Source& source, const Line& line) {
  const Place place{source.file, line.number};
  if (!line.indented) {
    source.owner = Name::parse(line.tokens[0].text, source.origin);
    source.owner_broken = !source.owner;
    if (!source.owner) {
      findings_.error(place, show(line.tokens[0].text) + " is not a domain name (RFC 1035 2.3.4, 5.1)");
    }
  } else if (!source.owner && !source.owner_broken) {
    findings_.error(place,
                    "begins with white space, but there is no record before whose owner name it could take");
  }
  return source.owner.has_value();
}

void Reader::record(Source& source, const Line& line) {
  const Place place{source.file, line.number};
  if (!read_owner(source, line)) return;
  std::span<const Token> rest = std::span(line.tokens).subspan(line.indented ? 0 : 1);
  std::optional<std::uint32_t> ttl;
  bool has_class = false;
  for (; !rest.empty(); rest = rest.subspan(1)) {  // TTL and class, in either order
    const std::string_view text = rest[0].text;
    if (!ttl && !text.empty() && text[0] >= '0' && text[0] <= '9') {
      ttl = ttl_from(text, place);
      if (!ttl) return;
      last_ttl_ = ttl;
    } else if (const auto number = has_class ? std::nullopt : parse_class(text)) {
      if (*number != 1) return findings_.error(place, "class " + upper(text) + ": only IN is served");
      has_class = true;
    } else {
      break;
    }
  }
  if (rest.empty()) return findings_.error(place, "the record has no type");
  const auto type = parse_type(rest[0].text);
  if (!type) return findings_.error(place, show(rest[0].text) + " is not a record type");
  if (!is_data_type(*type)) {
    return findings_.error(place, text(*type) + " is not a type of zone data (RFC 6895 3.1)");
  }
  if (const std::string wrong = encode_rdata(*type, rest.subspan(1), source.origin, data_); !wrong.empty()) {
    return findings_.error(place, source.owner->text() + " " + text(*type) + ": " + wrong);
  }
  if (!ttl) ttl = default_ttl_ ? default_ttl_ : last_ttl_;
  if (!ttl && *type == RrType::SOA) {  // its MINIMUM is the default TTL then (RFC 1035 3.3.13)
    std::uint32_t minimum = 0;
    for (const std::uint8_t octet : std::span(data_).last(4)) minimum = minimum << 8 | octet;
    ttl = last_ttl_ = std::min(minimum, kMaxTtl);
    findings_.warn(place,
                   "no TTL: taken from the last field of the SOA; write a $TTL line instead (RFC 2308 4)");
  }
  if (!ttl) return findings_.error(place, "no TTL: write one, or a $TTL line above (RFC 2308 4)");
  if (result_.records.entries().size() == kMaxRecords) {
    stop(place, "more than " + std::to_string(kMaxRecords) + " records");
  } else if (result_.records.octets() + kMaxName + data_.size() > kMaxRecordOctets) {
    stop(place, "the records are larger than " + std::to_string(kMaxRecordOctets) + " octets");
  } else {
    result_.records.add(*source.owner, *type, *ttl, data_, source.file, line.number);
  }
}

std::optional<std::uint32_t> Reader::ttl_from(std::string_view text, Place place) {
  const auto ttl = parse_ttl(text);
  if (!ttl) {
    findings_.error(place, show(text) + " is not a TTL, like 3600 or 1h30m");
  } else if (*ttl > kMaxTtl) {
    findings_.error(place, "TTL " + std::string(text) + " is above 2147483647 seconds (RFC 2181 8)");
  } else {
    return static_cast<std::uint32_t>(*ttl);
  }
  return std::nullopt;
}

void Reader::stop(Place place, const std::string& why) {
  findings_.error(place, why + ": the rest was not read");
  stopped_ = true;
}

}  // namespace

ZoneText read_zone_text(NameView apex, std::string_view text, const std::filesystem::path& name,
                        const ReadFile& include, Findings& findings) {
  Reader reader(include, findings);
  reader.read(text, name.lexically_normal(), apex, std::nullopt);
  return reader.take();
}

}  // namespace holdfast::zones
