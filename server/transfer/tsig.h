#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "server/transfer/tsig_key.h"
#include "server/transfer/tsig_record.h"
#include "zones/dns/type.h"

namespace holdfast::server {

// Signed messages (TSIG, RFC 8945). Nothing here does I/O, takes a lock or throws; any octets may come from the other side.

inline constexpr std::chrono::seconds kFudge{300};  ///< that our clock and theirs may differ by (RFC 8945 10)
/// Messages without a signature between two that have one (RFC 8945 5.3.1).
inline constexpr std::size_t kMaxUnsigned = 99;

/// Octets that a message signed with this key needs behind it.
std::size_t tsig_room(const TsigKey& key) noexcept;

/// What a request's TSIG is worth, in the order of RFC 8945 5.2.
enum class TsigState : std::uint8_t {
  absent,     ///< not signed
  malformed,  ///< FORMERR, without TSIG
  badkey,     ///< we have no such key, or it is for another algorithm
  badsig,     ///< not signed with that key
  badtime,    ///< at another time: replayed, or a clock is wrong
  badtrunc,   ///< by a MAC shorter than we accept
  valid,
};

/// "BADKEY", "valid".
std::string_view text(TsigState state);

struct TsigRequest {
  TsigState state = TsigState::absent;
  SharedKey key{};       ///< of the last three states, else null
  std::size_t size = 0;  ///< octets of the message without TSIG; see cut_tsig(); unless `malformed`

  zones::Name name{};  ///< unless `absent` or `malformed`, as all below
  zones::Name algorithm{};
  std::uint64_t time = 0;
  std::uint16_t fudge = 0;
  Mac::Octets mac{};
  std::size_t mac_size = 0;

  bool is_refused() const noexcept { return state > TsigState::malformed && state < TsigState::valid; }
  /// What to answer without a further look at the request: FORMERR, NOTAUTH; else NOERROR.
  zones::Rcode rcode() const noexcept;
};

/// Looks whether a request is signed, and well. Of a request that is not `valid` nothing may be done but to answer so.
TsigRequest check_tsig(std::span<const std::uint8_t> message, const KeyRing& keys,
                       std::chrono::system_clock::time_point now) noexcept;

/// Signs the answer to a request: one message, or the many of a transfer in their order. Owned by one thread.
///
/// The answer to a refused request is one message, with rcode(): for BADKEY and BADSIG it says why, without signature (RFC
/// 8945 5.3.2).
class TsigAnswers {
 public:
  /// @param request  valid or refused
  explicit TsigAnswers(const TsigRequest& request) noexcept;

  /// Octets that each message needs behind it, at most.
  std::size_t room() const noexcept;
  /// Puts TSIG behind a message. Its id is that of the answer.
  /// @param buffer  begins with the message, of `size` octets
  /// @return octets of the message then; 0: no room, or the library failed; then the answer ends here
  std::size_t sign(std::span<std::uint8_t> buffer, std::size_t size,
                   std::chrono::system_clock::time_point now) noexcept;

 private:
  TsigRequest request_;
  bool is_first_ = true;
  Mac::Octets prior_{};  // MAC: of the request, then of the message before
  std::size_t prior_size_ = 0;
};

/// What a message of an answer is worth.
enum class TsigVerdict : std::uint8_t {
  valid,    ///< signed, and so are those before that were `pending`
  pending,  ///< not signed; only to be believed once a later one is `valid`
  absent,   ///< not signed where it must be: the first, or after kMaxUnsigned others
  malformed,
  badkey,    ///< signed with another key, or by another algorithm
  badsig,    ///< not signed with our key, not to our query, or out of order
  badtime,   ///< at another time
  badtrunc,  ///< by a MAC shorter than we accept
  refused,   ///< the server says that our signature is no good, see `error`
};

/// "BADKEY", "not signed".
std::string_view text(TsigVerdict verdict);

struct TsigAnswer {
  TsigVerdict verdict = TsigVerdict::absent;
  std::size_t size = 0;  ///< octets of the message without TSIG; see cut_tsig(); unless `malformed`
  TsigError error =
      TsigError::none;  ///< what the server says of our query; BADKEY and BADSIG are not signed: a hint
  /// With BADTIME from a server that has the key: what its clock says.
  std::optional<std::chrono::system_clock::time_point> server_time{};
};

/// Signs a query and checks the messages of the answer, in their order. Owned by one thread.
///
/// What is neither valid nor pending ends the answer: all that is asked afterwards is bad, too.
class TsigQuery {
 public:
  /// @param key  not null
  explicit TsigQuery(SharedKey key) noexcept : key_(std::move(key)) {}

  /// As TsigAnswers::sign. To be called once, before verify().
  std::size_t sign(std::span<std::uint8_t> buffer, std::size_t size,
                   std::chrono::system_clock::time_point now) noexcept;
  /// Also looks that the message has the id of the query.
  TsigAnswer verify(std::span<const std::uint8_t> message,
                    std::chrono::system_clock::time_point now) noexcept;
  /// Whether the last message was valid: the answer may end here.
  bool complete() const noexcept { return !has_failed_ && is_signed_; }

 private:
  TsigAnswer judge(std::span<const std::uint8_t> message, std::chrono::system_clock::time_point now) noexcept;

  SharedKey key_;
  std::uint16_t id_ = 0;
  std::optional<Mac> state_{};  // over what came since the last MAC
  bool is_first_ = true;
  bool is_signed_ = false;
  bool has_failed_ = false;
  std::size_t unsigned_ = 0;  // in a row
};

}  // namespace holdfast::server
