#include "zones/geo/database.h"

#include <maxminddb.h>

#include <algorithm>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>

#include "zones/geo/database_value.h"
#include "zones/geo/private_file.h"

namespace holdfast::zones {
namespace {

constexpr std::string_view kMarker = "\xab\xcd\xefMaxMind.com";     // in front of the metadata
constexpr std::size_t kMetadataSize = 128 * 1024 + kMarker.size();  // octets at the end, at most
/// A tree whose nodes are met more often than this, on average, leads to itself. Each is met once, but for parts that
/// some writers share.
constexpr std::uint64_t kMaxSharing = 4;

/// What ends the reading of a file, with the reason. Goes no further than read_database().
struct Damaged {
  std::string what;
};

struct Close {
  void operator()(MMDB_s* file) const noexcept {
    MMDB_close(file);
    delete file;
  }
};
using File = std::unique_ptr<MMDB_s, Close>;

File open(const PrivateFile& copy) {
  const std::string tail = copy.tail(kMetadataSize);
  const std::size_t marker = tail.rfind(kMarker);
  if (marker == std::string::npos) throw Damaged{"it has no metadata"};
  const std::string_view metadata = std::string_view(tail).substr(marker + kMarker.size());
  if (!is_sound_value({reinterpret_cast<const std::uint8_t*>(metadata.data()), metadata.size()}, 0))
    throw Damaged{"its metadata are no whole value"};
  auto file = std::make_unique<MMDB_s>();
  const int status = MMDB_open(copy.path().c_str(), MMDB_MODE_MMAP, file.get());
  if (status != MMDB_SUCCESS) throw Damaged{MMDB_strerror(status)};
  File opened(file.release());
  const unsigned version = opened->metadata.ip_version;
  if (version != 4 && version != 6) throw Damaged{"it is of IP version " + std::to_string(version)};
  return opened;
}

/// One value of a record, when it is there and of that type.
std::optional<MMDB_entry_data_s> get(MMDB_entry_s entry, const char* outer, const char* inner) {
  const char* const path[] = {outer, inner, nullptr};
  MMDB_entry_data_s value{};
  const int status = MMDB_aget_value(&entry, &value, path);
  if (status == MMDB_SUCCESS && value.has_data) return value;
  if (status == MMDB_SUCCESS || status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR) return {};
  throw Damaged{"the record at octet " + std::to_string(entry.offset) +
                " of the data: " + MMDB_strerror(status)};
}

std::string_view get_text(MMDB_entry_s entry, const char* outer, const char* inner = nullptr) {
  const auto value = get(entry, outer, inner);
  if (!value || value->type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  return {value->utf8_string, value->data_size};
}

std::optional<double> get_number(MMDB_entry_s entry, const char* outer, const char* inner) {
  const auto value = get(entry, outer, inner);
  if (value && value->type == MMDB_DATA_TYPE_DOUBLE) return value->double_value;
  if (value && value->type == MMDB_DATA_TYPE_FLOAT) return static_cast<double>(value->float_value);
  return {};
}

PlaceRecord read_record(MMDB_entry_s entry) {
  const std::string where = "the record at octet " + std::to_string(entry.offset) + " of the data";
  if (!is_sound_value({entry.mmdb->data_section, entry.mmdb->data_section_size}, entry.offset))
    throw Damaged{where + " is not a whole value, or has more than " + std::to_string(kMaxValueParts) +
                  " parts or " + std::to_string(kMaxValueDepth) + " levels"};
  PlaceRecord record;
  record.country = Country::parse(get_text(entry, "country", "iso_code"));
  if (!record.country) record.country = Country::parse(get_text(entry, "country_code"));
  record.continent = parse_continent(get_text(entry, "continent", "code"));
  const auto latitude = get_number(entry, "location", "latitude");
  const auto longitude = get_number(entry, "location", "longitude");
  if (latitude && longitude) {
    record.coordinates = Coordinates{*latitude, *longitude};
    if (!is_on_earth(*record.coordinates))
      throw Damaged{where + " has coordinates outside of -90 .. 90 and -180 .. 180"};
  }
  return record;
}

/// Goes through the search tree, depth first.
class Walk {
 public:
  Walk(const MMDB_s& file, Database& database) : file_(file), database_(database) {}

  void all() {
    const std::uint64_t nodes = file_.metadata.node_count;
    if (file_.metadata.ip_version == 4) return below({0, kMapped, kMappedLength});
    const std::uint64_t v4 = file_.ipv4_start_node.node_value;
    if (v4 < nodes) below({v4, kMapped, kMappedLength});
    // Else one record for ::/96, or for more than that.
    if (v4 > nodes)
      record(Prefix::of_bits(kMapped, kMappedLength), static_cast<std::uint32_t>(v4 - nodes - kSeparator));
    is_v4_ = false;
    v4_ = v4;
    below({0, 0, 0});
  }

 private:
  static constexpr AddressBits kMapped = AddressBits{0xffff} << 32;
  static constexpr unsigned kMappedLength = 96;
  static constexpr std::uint64_t kSeparator = 16;  // octets between the tree and the data

  struct Branch {
    std::uint64_t node;
    AddressBits bits;
    unsigned length;
  };

  void below(Branch top) {
    std::vector<Branch> branches{top};
    while (!branches.empty()) {
      const Branch branch = branches.back();
      branches.pop_back();
      if (++visits_ > kMaxSharing * file_.metadata.node_count)
        throw Damaged{"the search tree leads to itself"};
      const auto number = static_cast<std::uint32_t>(branch.node);
      MMDB_search_node_s node{};
      const int status = MMDB_read_node(&file_, number, &node);
      if (status != MMDB_SUCCESS) throw damaged(number, MMDB_strerror(status));
      const unsigned length = branch.length + 1;
      const AddressBits one = AddressBits{1} << (128 - length);
      // The left one is pushed last, so that prefixes come in order.
      follow(branches, number, {node.right_record, branch.bits | one, length}, node.right_record_type,
             node.right_record_entry.offset);
      follow(branches, number, {node.left_record, branch.bits, length}, node.left_record_type,
             node.left_record_entry.offset);
    }
  }

  void follow(std::vector<Branch>& branches, std::uint32_t from, Branch to, int type, std::uint32_t offset) {
    switch (type) {
      case MMDB_RECORD_TYPE_EMPTY: return;
      case MMDB_RECORD_TYPE_SEARCH_NODE:
        if (!is_v4_ && to.node == v4_) return;
        if (to.length == 128) throw damaged(from, "it is deeper than an address has bits");
        branches.push_back(to);
        return;
      case MMDB_RECORD_TYPE_DATA: {
        const Prefix prefix = Prefix::of_bits(to.bits, to.length);
        // What an IPv6 tree has under ::ffff:0:0/96 is not where it is asked for IPv4.
        if (prefix.is_v4() == is_v4_) record(prefix, offset);
        return;
      }
      default: throw damaged(from, "it leads out of the file");
    }
  }

  void record(const Prefix& prefix, std::uint32_t offset) {
    if (database_.entries.size() == kMaxDatabaseEntries)
      throw Damaged{"more than " + std::to_string(kMaxDatabaseEntries) + " prefixes"};
    const auto [known, is_new] =
        records_.try_emplace(offset, static_cast<std::uint32_t>(database_.records.size()));
    if (is_new) database_.records.push_back(read_record({&file_, offset}));
    database_.entries.push_back({prefix, known->second});
  }

  static Damaged damaged(std::uint32_t node, const std::string& what) {
    return {"node " + std::to_string(node) + " of the search tree: " + what};
  }

  const MMDB_s& file_;
  Database& database_;
  std::unordered_map<std::uint32_t, std::uint32_t> records_;  // by their offset in the data
  std::uint64_t visits_ = 0;
  bool is_v4_ = true;     // what is walked through
  std::uint64_t v4_ = 0;  // the top node of IPv4, when IPv6 is
};

std::chrono::system_clock::time_point built(const MMDB_s& file) {
  constexpr std::uint64_t kLatest = std::uint64_t{1} << 33;  // the year 2242, which our clock still knows
  return std::chrono::system_clock::time_point(
      std::chrono::seconds(static_cast<std::int64_t>(std::min(file.metadata.build_epoch, kLatest))));
}

ReadDatabase read(const PrivateFile& copy, const std::string& name) try {
  const File file = open(copy);
  Database database{
      .type = file->metadata.database_type, .built = built(*file), .records = {}, .entries = {}};
  Walk(*file, database).all();
  if (database.entries.empty()) throw Damaged{"it has no prefix"};
  return {std::move(database), {}};
} catch (const Damaged& damaged) {
  return {{}, name + ": not a sound database in MaxMind's format: " + damaged.what + "; fetch it again"};
}

}  // namespace

ReadDatabase read_database(const std::string& path) {
  PrivateFile copy;
  if (const std::string error = copy.copy(path, kMaxDatabaseSize); !error.empty())
    return {{}, path + ": " + error};
  return read(copy, path);
}

ReadDatabase read_database(std::string_view octets, const std::string& name) {
  PrivateFile copy;
  if (octets.size() > kMaxDatabaseSize)
    return {{}, name + ": larger than " + std::to_string(kMaxDatabaseSize) + " octets"};
  if (const std::string error = copy.write(octets); !error.empty()) return {{}, name + ": " + error};
  return read(copy, name);
}

}  // namespace holdfast::zones
