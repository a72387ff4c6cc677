#include "health/store/ballot.h"

#include <algorithm>
#include <boost/json.hpp>

#include "health/probe/detail.h"
#include "health/store/base64.h"

namespace holdfast::health {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxName = 255;
constexpr std::int64_t kLastTime = 4'102'444'800'000;  // ms since the epoch: the year 2100

std::string pack(const std::vector<Verdict>& votes) {
  std::string octets((votes.size() + 3) / 4, '\0');
  for (std::size_t i = 0; i < votes.size(); ++i) {
    octets[i / 4] = static_cast<char>(octets[i / 4] | static_cast<int>(votes[i]) << i % 4 * 2);
  }
  return to_base64(octets);
}

std::vector<Verdict> unpack(std::string_view text, std::size_t count) {
  const auto octets = from_base64(text);
  if (!octets || count > kMaxTargets || octets->size() != (count + 3) / 4)
    throw std::invalid_argument("votes");
  std::vector<Verdict> votes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned vote = static_cast<unsigned char>((*octets)[i / 4]) >> i % 4 * 2 & 3U;
    if (vote > static_cast<unsigned>(Verdict::down)) throw std::invalid_argument("verdict");
    votes[i] = static_cast<Verdict>(vote);
  }
  return votes;
}

std::string name(const json::value& value) {
  const json::string& text = value.as_string();
  if (text.size() > kMaxName) throw std::length_error("name");
  return std::string(text);
}

/// Fit for logs and terminals, whoever wrote it. What is fit already stays as it is.
std::string fit(std::string_view detail) {
  const bool is_fit = std::all_of(detail.begin(), detail.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return (is_fit ? std::string(detail) : printable(detail, kMaxDetail)).substr(0, kMaxDetail);
}

Outcome outcome(const json::value& value) {
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    if (value.as_string() == text(static_cast<Outcome>(i))) return static_cast<Outcome>(i);
  }
  throw std::invalid_argument("outcome");
}

Ballot::Piece piece(const json::object& object) {
  Ballot::Piece piece{name(object.at("list")), object.at("target").to_number<std::size_t>(), {}};
  piece.evidence.outcome = outcome(object.at("outcome"));
  piece.evidence.detail = fit(object.at("detail").as_string());
  const auto time = object.at("time_ms").to_number<std::int64_t>();
  piece.evidence.time = std::chrono::system_clock::time_point(
      std::chrono::milliseconds(std::clamp<std::int64_t>(time, 0, kLastTime)));
  return piece;
}

}  // namespace

std::string write(const Ballot& ballot) {
  json::object votes;
  for (const auto& [list, verdicts] : ballot.votes) {
    votes[list] = json::object{{"targets", verdicts.size()}, {"verdicts", pack(verdicts)}};
  }
  json::array evidence;
  for (const Ballot::Piece& piece : ballot.evidence) {
    evidence.push_back(json::object{
        {"list", piece.list},
        {"target", piece.target},
        {"outcome", text(piece.evidence.outcome)},
        {"detail", fit(piece.evidence.detail)},
        {"time_ms",
         std::chrono::floor<std::chrono::milliseconds>(piece.evidence.time.time_since_epoch()).count()}});
  }
  return json::serialize(json::object{{"version", 1},
                                      {"agent", ballot.agent},
                                      {"incarnation", ballot.incarnation},
                                      {"sequence", ballot.sequence},
                                      {"blind", ballot.blind},
                                      {"votes", std::move(votes)},
                                      {"evidence", std::move(evidence)}});
}

std::optional<Ballot> read_ballot(std::string_view text) {
  try {
    const json::value value = json::parse(text);
    const json::object& object = value.as_object();
    if (object.at("version").to_number<int>() != 1) return std::nullopt;
    Ballot ballot{.agent = name(object.at("agent")), .incarnation = name(object.at("incarnation"))};
    ballot.sequence = object.at("sequence").to_number<std::uint64_t>();
    ballot.blind = object.at("blind").as_bool();
    const json::object& votes = object.at("votes").as_object();
    const json::array& evidence = object.at("evidence").as_array();
    if (votes.size() > kMaxLists || evidence.size() > kMaxEvidence) return std::nullopt;
    for (const auto& [list, packed] : votes) {
      const json::object& of_list = packed.as_object();
      if (list.size() > kMaxName) return std::nullopt;
      ballot.votes[std::string(list)] =
          unpack(of_list.at("verdicts").as_string(), of_list.at("targets").to_number<std::size_t>());
    }
    for (const json::value& one : evidence) ballot.evidence.push_back(piece(one.as_object()));
    return ballot;
  } catch (const std::exception&) {  // malformed in whatever way
    return std::nullopt;
  }
}

}  // namespace holdfast::health
