#include "server/transfer/tsig.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "server/answer/query.h"

namespace holdfast::server {
namespace {

using std::chrono::system_clock;

// The next four add to a MAC what RFC 8945 4.3 lists.

void add16(Mac& mac, std::size_t value) noexcept {
  mac.add(std::array{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
}

void add_mac(Mac& mac, std::span<const std::uint8_t> octets) noexcept {
  add16(mac, octets.size());
  mac.add(octets);
}

/// 4.3.2: a message as it was before TSIG was put to it.
void add_message(Mac& mac, std::span<const std::uint8_t> message, std::uint16_t id,
                 bool counts_tsig) noexcept {
  const std::size_t additional = static_cast<std::size_t>(message[10] << 8 | message[11]);
  add16(mac, id);
  mac.add(message.subspan(2, 8));
  add16(mac, additional - (counts_tsig ? 1U : 0U));
  mac.add(message.subspan(kHeader));
}

/// 4.3.3, or only the timers, as in the later messages of an answer (5.3.1).
void add_variables(Mac& mac, const TsigRecord& record, bool only_timers) noexcept {
  const auto add_name = [&](zones::NameView name) { mac.add({name.data(), name.size()}); };
  if (!only_timers) {
    add_name(record.name);
    add16(mac, static_cast<std::size_t>(zones::RrClass::ANY));
    add16(mac, 0);
    add16(mac, 0);
    add_name(record.algorithm);
  }
  for (const int shift : {32, 16, 0}) add16(mac, record.time >> shift);
  add16(mac, record.fudge);
  if (only_timers) return;
  add16(mac, static_cast<std::size_t>(record.error));
  add16(mac, record.other.size());
  mac.add(record.other);
}

/// Whether a MAC, maybe cut, is the one that was worked out.
bool is_same(std::span<const std::uint8_t> mac, const Mac::Octets& expected) noexcept {
  return CRYPTO_memcmp(mac.data(), expected.data(), mac.size()) == 0;
}

/// RFC 8945 5.2.2.1: neither more octets than the algorithm has, nor so few that anybody could guess them.
bool is_mac_size(const TsigKey& key, std::size_t size) noexcept {
  return size <= mac_size(key.algorithm()) && size >= shortest_mac(key.algorithm());
}

bool is_of(const TsigKey& key, const TsigRecord& record) noexcept {
  return record.name == key.name() && record.algorithm.view() == name_of(key.algorithm());
}

bool is_in_time(const TsigRecord& record, system_clock::time_point now) noexcept {
  const std::uint64_t ours = tsig_time(now);
  return (ours > record.time ? ours - record.time : record.time - ours) <= record.fudge;
}

std::uint16_t id_of(std::span<const std::uint8_t> message) noexcept {
  return static_cast<std::uint16_t>(message[0] << 8 | message[1]);
}

std::array<std::uint8_t, 6> octets_of_time(std::uint64_t time) noexcept {
  std::array<std::uint8_t, 6> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(time >> (40 - 8 * i));
  return octets;
}

constexpr TsigError error_of(TsigState state) noexcept {
  switch (state) {
    case TsigState::badkey: return TsigError::badkey;
    case TsigState::badsig: return TsigError::badsig;
    case TsigState::badtime: return TsigError::badtime;
    case TsigState::badtrunc: return TsigError::badtrunc;
    default: return TsigError::none;
  }
}

}  // namespace

std::size_t tsig_room(const TsigKey& key) noexcept {
  static constexpr Mac::Octets kAny{};
  TsigRecord record;
  record.name = key.name();
  record.algorithm = zones::Name(name_of(key.algorithm()));
  record.mac = std::span(kAny).first(mac_size(key.algorithm()));
  return record.size();
}

std::string_view text(TsigState state) {
  constexpr std::string_view kTexts[] = {"not signed", "malformed", "BADKEY", "BADSIG",
                                         "BADTIME",    "BADTRUNC",  "valid"};
  return kTexts[static_cast<std::size_t>(state)];
}

std::string_view text(TsigVerdict verdict) {
  constexpr std::string_view kTexts[] = {"valid",  "not signed yet", "not signed", "malformed", "BADKEY",
                                         "BADSIG", "BADTIME",        "BADTRUNC",   "refused"};
  return kTexts[static_cast<std::size_t>(verdict)];
}

zones::Rcode TsigRequest::rcode() const noexcept {
  if (state == TsigState::malformed) return zones::Rcode::formerr;
  return is_refused() ? zones::Rcode::notauth : zones::Rcode::noerror;
}

TsigRequest check_tsig(std::span<const std::uint8_t> message, const KeyRing& keys,
                       system_clock::time_point now) noexcept {
  TsigRequest request;
  TsigRecord record;
  request.size = message.size();
  const TsigPresence presence = find_tsig(message, record, request.size);
  request.state = presence == TsigPresence::absent ? TsigState::absent : TsigState::malformed;
  if (presence == TsigPresence::absent) request.size = message.size();
  if (presence != TsigPresence::present) return request;
  request.name = record.name;
  request.algorithm = record.algorithm;
  request.time = record.time;
  request.fudge = record.fudge;

  SharedKey key = keys.find(record.name);
  if (!key || !is_of(*key, record)) {
    request.state = TsigState::badkey;
    return request;
  }
  if (!is_mac_size(*key, record.mac.size())) return request;
  Mac mac(*key);
  Mac::Octets expected;
  add_message(mac, message.first(request.size), record.original_id, true);
  add_variables(mac, record, false);
  if (!mac.finish(expected) || !is_same(record.mac, expected)) {
    request.state = TsigState::badsig;
    return request;
  }
  request.mac_size = record.mac.size();
  std::copy(record.mac.begin(), record.mac.end(), request.mac.begin());
  request.state = !is_in_time(record, now)                  ? TsigState::badtime
                  : record.mac.size() < key->accepted_mac() ? TsigState::badtrunc
                                                            : TsigState::valid;
  request.key = std::move(key);
  return request;
}

TsigAnswers::TsigAnswers(const TsigRequest& request) noexcept
    : request_(request), prior_(request.mac), prior_size_(request.mac_size) {}

std::size_t TsigAnswers::room() const noexcept {
  TsigRecord record;
  record.name = request_.name;
  record.algorithm = request_.algorithm;
  return record.size() + (request_.key ? mac_size(request_.key->algorithm()) : 0) +
         (request_.state == TsigState::badtime ? octets_of_time(0).size() : 0);
}

std::size_t TsigAnswers::sign(std::span<std::uint8_t> buffer, std::size_t size,
                              system_clock::time_point now) noexcept {
  if (size < kHeader || buffer.size() < size) return 0;
  const std::span<const std::uint8_t> message = buffer.first(size);
  const auto server_time = octets_of_time(tsig_time(now));
  TsigRecord record;
  record.name = request_.name;
  record.algorithm = request_.algorithm;
  record.time = tsig_time(now);
  record.fudge = static_cast<std::uint16_t>(kFudge.count());
  record.original_id = id_of(message);
  record.error = error_of(request_.state);
  if (request_.state == TsigState::badtime) {  // so that the client believes it by its own clock (5.2.3)
    record.time = request_.time;
    record.fudge = request_.fudge;
    record.other = server_time;
  }
  if (!request_.key) return append_tsig(buffer, size, record);

  Mac mac(*request_.key);
  add_mac(mac, std::span(prior_).first(prior_size_));
  add_message(mac, message, record.original_id, false);
  add_variables(mac, record, !is_first_);
  if (!mac.finish(prior_)) return 0;
  is_first_ = false;
  prior_size_ = mac_size(request_.key->algorithm());
  record.mac = std::span(prior_).first(prior_size_);
  return append_tsig(buffer, size, record);
}

std::size_t TsigQuery::sign(std::span<std::uint8_t> buffer, std::size_t size,
                            system_clock::time_point now) noexcept {
  if (size < kHeader || buffer.size() < size) return 0;
  const std::span<const std::uint8_t> message = buffer.first(size);
  id_ = id_of(message);
  TsigRecord record;
  record.name = key_->name();
  record.algorithm = zones::Name(name_of(key_->algorithm()));
  record.time = tsig_time(now);
  record.fudge = static_cast<std::uint16_t>(kFudge.count());
  record.original_id = id_;
  Mac mac(*key_);
  Mac::Octets octets;
  add_message(mac, message, id_, false);
  add_variables(mac, record, false);
  if (!mac.finish(octets)) return 0;
  record.mac = std::span(octets).first(mac_size(key_->algorithm()));
  state_.emplace(*key_);
  add_mac(*state_, record.mac);
  return append_tsig(buffer, size, record);
}

TsigAnswer TsigQuery::verify(std::span<const std::uint8_t> message, system_clock::time_point now) noexcept {
  if (has_failed_ || !state_) return {TsigVerdict::badsig, message.size()};
  const TsigAnswer answer = judge(message, now);
  is_signed_ = answer.verdict == TsigVerdict::valid;
  has_failed_ = !is_signed_ && answer.verdict != TsigVerdict::pending;
  return answer;
}

TsigAnswer TsigQuery::judge(std::span<const std::uint8_t> message, system_clock::time_point now) noexcept {
  TsigAnswer answer{TsigVerdict::malformed, message.size()};
  TsigRecord record;
  std::size_t at = 0;
  const TsigPresence presence = find_tsig(message, record, at);
  if (presence == TsigPresence::malformed) return answer;
  const auto judged = [&](TsigVerdict verdict) {
    answer.verdict = verdict;
    return answer;
  };
  if (id_of(message) != id_) return judged(TsigVerdict::badsig);
  if (presence == TsigPresence::absent) {
    if (is_first_ || unsigned_ == kMaxUnsigned) return judged(TsigVerdict::absent);
    ++unsigned_;
    add_message(*state_, message, id_, false);
    return judged(TsigVerdict::pending);
  }
  answer.size = at;
  const bool is_notauth = (message[3] & 0xf) == static_cast<int>(zones::Rcode::notauth);
  if (record.mac.empty() && is_notauth &&
      (record.error == TsigError::badkey || record.error == TsigError::badsig)) {
    answer.error = record.error;
    return judged(TsigVerdict::refused);
  }
  if (!is_of(*key_, record)) return judged(TsigVerdict::badkey);
  if (!is_mac_size(*key_, record.mac.size())) return judged(TsigVerdict::malformed);
  Mac::Octets expected;
  add_message(*state_, message.first(at), record.original_id, true);
  add_variables(*state_, record, !is_first_);
  if (!state_->finish(expected) || !is_same(record.mac, expected)) return judged(TsigVerdict::badsig);
  if (!is_in_time(record, now)) return judged(TsigVerdict::badtime);
  if (record.mac.size() < key_->accepted_mac()) return judged(TsigVerdict::badtrunc);
  if (record.error != TsigError::none) {
    answer.error = record.error;
    if (record.error == TsigError::badtime && record.other.size() == octets_of_time(0).size()) {
      std::uint64_t seconds = 0;
      for (const std::uint8_t octet : record.other) seconds = seconds << 8 | octet;
      answer.server_time = system_clock::time_point(std::chrono::seconds(seconds));
    }
    return judged(TsigVerdict::refused);
  }
  is_first_ = false;
  unsigned_ = 0;
  state_.emplace(*key_);
  add_mac(*state_, record.mac);
  return judged(TsigVerdict::valid);
}

}  // namespace holdfast::server
