#include "zones/load/zone_text.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "zones/load/lines.h"
#include "zones/load/rdata.h"
#include "zones/load/rdata_writer.h"
#include "zones/load/ttl.h"
#include "zones/parallel.h"

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
  if (text.size() < 2 || text.size() > 10 || ((text[0] | 0x20) != 'c' && (text[0] | 0x20) != 'h')) {
    return std::nullopt;
  }
  const std::string name = upper(text);
  if (name == "CS") return 2;
  if (name == "CH") return 3;
  if (name == "HS") return 4;
  if (name.starts_with("CLASS")) return parse_number(std::string_view(name).substr(5), 65535);
  return std::nullopt;
}

/// Is what begins so the line of a record, unless an open parenthesis stands before?
bool begins_record(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*' || c == '_';
}

/// Reads one text and those that it includes.
class Reader {
 public:
  Reader(const ReadFile& include, Findings& findings, TextParts parts)
      : include_(include), findings_(findings), text_parts_(parts) {}

  void read(std::string_view text, const std::string& path, NameView origin,
            const std::optional<Name>& owner);
  ZoneText take() { return std::move(result_); }

 private:
  /// One file being read.
  struct Source {
    std::string path;
    std::uint16_t file;
    Name origin;
    std::optional<Name> owner;  // of the record before
    bool owner_broken = false;  // the owner above could not be read: indented records after it have no place
  };
  struct Part;

  void read_lines(Source& source, LineReader& lines);
  void read_in_parts(Source& source, std::string_view text, LineReader& lines);
  std::vector<Part> cut(std::string_view text, const char* from, std::size_t count) const;
  void read_part(Part& part, const Source& source, const char* end, std::size_t expected) const;
  bool adopt(Part& part, Source& source, LineReader& lines);
  void directive(Source& source, const Line& line);
  void include(Source& source, const Line& line);
  void record(Source& source, const Line& line);
  bool read_owner(Source& source, const Line& line);
  std::optional<std::uint32_t> ttl_from(std::string_view text, Place place);
  void stop(Place place, const std::string& why);

  const ReadFile& include_;
  Findings& findings_;
  TextParts text_parts_;
  ZoneText result_;
  std::optional<std::uint32_t> default_ttl_;  // of $TTL (RFC 2308 4)
  std::optional<std::uint32_t> last_ttl_;     // the last that a record gave (RFC 1035 5.1)
  std::vector<std::string> open_;             // the files being read, each included by the one before
  std::vector<std::uint8_t> data_;
  std::size_t text_size_ = 0;
  bool stopped_ = false;
  // Only while a part of a text is read:
  bool in_part_ = false;
  bool owner_given_ = false;    // in the part
  bool ttl_given_ = false;      // likewise
  bool used_last_ttl_ = false;  // of what stands before the part
  bool depends_ = false;        // on more of that: the part is read in vain
};

/// A piece of a text that is read by itself, as if what it needs of the text before were the same as at the first
/// piece. What was read is taken over when that turns out to be true.
struct Reader::Part {
  const char* begin;
  const char* end;
  Findings findings = {};
  std::optional<Reader> reader = {};
  Source source = {};
  Name origin = {};  // at its begin, as the next two
  std::optional<std::uint32_t> default_ttl = {};
  std::optional<std::uint32_t> last_ttl = {};
  const char* read_to = nullptr;
  std::uint32_t lines = 0;
};

void Reader::read(std::string_view text, const std::string& path, NameView origin,
                  const std::optional<Name>& owner) {
  Source source{path, static_cast<std::uint16_t>(result_.files.size()), Name(origin), owner};
  open_.push_back(path);
  result_.files.push_back(path);
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
  read_in_parts(source, text, lines);
  read_lines(source, lines);
  open_.pop_back();
}

void Reader::read_lines(Source& source, LineReader& lines) {
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
  if (in_part_) {
    depends_ = stopped_ = true;
    return;
  }
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
  const std::string file =
      (std::filesystem::path(source.path).parent_path() / std::string(path->begin(), path->end()))
          .lexically_normal()
          .string();
  if (std::find(open_.begin(), open_.end(), file) != open_.end()) {
    return findings_.error(place, show(file) + " includes itself: take this line out");
  }
  const FileText text = include_(file);
  if (!text.error.empty()) return findings_.error(place, "cannot read " + show(file) + ": " + text.error);
  read(text.text, file, *origin, source.owner);
}

bool Reader::read_owner(Source& source, const Line& line) {
  const Place place{source.file, line.number};
  if (!line.indented) {
    owner_given_ = true;
    if (!source.owner) source.owner.emplace();
    source.owner_broken = !source.owner->read_text(line.tokens[0].text, source.origin);
    if (source.owner_broken) {
      source.owner.reset();
      findings_.error(place, show(line.tokens[0].text) + " is not a domain name (RFC 1035 2.3.4, 5.1)");
    }
  } else if (in_part_ && !owner_given_) {
    depends_ = stopped_ = true;
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
      ttl_given_ = true;
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
  if (!ttl && !default_ttl_ && !ttl_given_) used_last_ttl_ = true;
  if (!ttl) ttl = default_ttl_ ? default_ttl_ : last_ttl_;
  if (!ttl && *type == RrType::SOA) {  // its MINIMUM is the default TTL then (RFC 1035 3.3.13)
    std::uint32_t minimum = 0;
    for (const std::uint8_t octet : std::span(data_).last(4)) minimum = minimum << 8 | octet;
    ttl = last_ttl_ = std::min(minimum, kMaxTtl);
    ttl_given_ = true;
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

/// Reads most of a long text, in rounds of as many parts as there are threads, or some times that. A part that depends
/// on what a part before it says is read again, then by itself; so a round takes no longer than its parts one by one.
void Reader::read_in_parts(Source& source, std::string_view text, LineReader& lines) {
  constexpr std::size_t kMostRounds = 16;  // parts for each thread in a round
  const char* const end = text.data() + text.size();
  const auto left = [&] { return static_cast<std::size_t>(end - lines.at()); };
  const auto read_until = [&](const char* until) {
    if (until <= lines.at()) return;
    LineReader some({lines.at(), left()}, static_cast<std::size_t>(until - lines.at()));
    some.skip_to(lines.at(), lines.number() - 1);
    read_lines(source, some);
    lines.skip_to(some.at(), some.number() - lines.number());
  };
  const unsigned threads =
      text_parts_.threads != 0 ? text_parts_.threads : threads_for(text.size(), 2 * text_parts_.octets);
  if (threads == 1) return;
  read_until(lines.at() +
             std::min(left(), text_parts_.octets / 8));  // most that it needs is said in the beginning
  const std::size_t read = text.size() - left() + 1;
  const std::size_t known = result_.records.entries().size();
  result_.records.reserve(std::min((left() / read + 2) * known, kMaxRecords));
  const std::size_t expected = std::min((text_parts_.octets / read + 2) * known, kMaxRecords);  // in a part

  for (std::size_t rounds = 1; !stopped_ && left() > text_parts_.octets;) {
    std::vector<Part> parts = cut(text, lines.at(), rounds * threads);
    in_parallel(threads, parts.size(), [&](std::size_t i) { read_part(parts[i], source, end, expected); });
    bool all = true;
    for (Part& part : parts) {
      if (stopped_) return;
      all = adopt(part, source, lines) && all;
      read_until(part.end);
    }
    rounds = all ? std::min(2 * rounds, kMostRounds) : 1;
  }
}

std::vector<Reader::Part> Reader::cut(std::string_view text, const char* from, std::size_t count) const {
  const char* const end = text.data() + text.size();
  std::vector<Part> parts;
  while (parts.size() < count && from != end) {
    const char* at = end;
    if (static_cast<std::size_t>(end - from) > text_parts_.octets) {
      for (const char* p = from + text_parts_.octets; p != end;) {
        p = std::find(p, end, '\n');
        if (p == end || ++p == end) break;
        if (!begins_record(*p)) continue;
        at = p;
        break;
      }
    }
    parts.push_back({from, at});
    from = at;
  }
  return parts;
}

void Reader::read_part(Part& part, const Source& source, const char* end, std::size_t expected) const {
  // A wrong begin could make a record of all the rest.
  const std::size_t size = static_cast<std::size_t>(part.end - part.begin);
  const std::size_t most = std::min(static_cast<std::size_t>(end - part.begin), size + 2 * kMaxLineOctets);
  LineReader lines({part.begin, most}, size);
  part.origin = source.origin;
  part.default_ttl = default_ttl_;
  part.last_ttl = last_ttl_;
  part.source = {source.path, source.file, source.origin, std::nullopt};
  Reader& reader = part.reader.emplace(include_, part.findings, text_parts_);
  reader.in_part_ = true;
  reader.result_.records.reserve(expected);
  reader.default_ttl_ = default_ttl_;
  reader.last_ttl_ = last_ttl_;
  reader.read_lines(part.source, lines);
  part.read_to = lines.at();
  part.lines = lines.number() - 1;
  if (part.read_to == part.begin + most && part.read_to != end) reader.depends_ = true;
}

/// Takes over what was read of a part, if that is what reading on from `lines` would give; and moves `lines` behind it.
bool Reader::adopt(Part& part, Source& source, LineReader& lines) {
  Reader& reader = *part.reader;
  RecordList& records = reader.result_.records;
  if (reader.depends_ || lines.at() != part.begin || source.origin != part.origin ||
      default_ttl_ != part.default_ttl || (reader.used_last_ttl_ && last_ttl_ != part.last_ttl) ||
      result_.records.entries().size() + records.entries().size() > kMaxRecords ||
      result_.records.octets() + records.octets() + kMaxName + kMaxRdata > kMaxRecordOctets) {
    return false;
  }
  const std::uint32_t before = lines.number() - 1;
  result_.records.append(std::move(records), before);
  findings_.append(std::move(part.findings), before);
  source.origin = part.source.origin;
  if (reader.owner_given_) {
    source.owner = part.source.owner;
    source.owner_broken = part.source.owner_broken;
  }
  default_ttl_ = reader.default_ttl_;
  if (reader.ttl_given_) last_ttl_ = reader.last_ttl_;
  lines.skip_to(part.read_to, part.lines);
  part.reader.reset();
  return true;
}

}  // namespace

ZoneText read_zone_text(NameView apex, std::string_view text, const std::string& name,
                        const ReadFile& include, Findings& findings, TextParts parts) {
  Reader reader(include, findings, parts);
  // Most are normal as they are written, and to find that out is cheap.
  const bool is_normal =
      !name.starts_with('.') && name.find("//") == name.npos && name.find("/.") == name.npos;
  reader.read(text, is_normal ? name : std::filesystem::path(name).lexically_normal().string(), apex,
              std::nullopt);
  return reader.take();
}

}  // namespace holdfast::zones
