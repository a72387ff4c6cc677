#include "zones/alias/freshness.h"

#include <algorithm>

namespace holdfast::zones {

bool Freshness::become(AliasState state, std::vector<boost::asio::ip::address> addresses, AliasTime now) {
  if (served_.state == state && served_.addresses == addresses) return false;
  served_.state = state;
  served_.addresses = std::move(addresses);
  served_.since = now;
  return true;
}

bool Freshness::begin(const Known& known, AliasTime now, std::chrono::system_clock::time_point wall_now,
                      const ResolverSettings& settings) {
  std::vector<boost::asio::ip::address> addresses = usable(known, settings);
  if (addresses.empty() && !known.addresses.empty()) return false;
  if (known.ends <= wall_now - settings.keep) return false;
  const auto left = std::min(known.ends, wall_now + settings.max_ttl) - wall_now;
  served_.expires = now + left;
  AliasState state = left.count() > 0 ? AliasState::fresh : AliasState::stale;
  if (addresses.empty()) state = AliasState::nodata;
  return become(state, std::move(addresses), now);
}

void Freshness::retry(AliasTime now) {
  retry_ = retry_.count() == 0 ? kFirstRetry : std::min<std::chrono::milliseconds>(retry_ * 2, kMaxRetry);
  due_ = now + retry_;
}

bool Freshness::settle(AliasState state, const Reply& reply, AliasTime now, const ResolverSettings& settings,
                       std::uint64_t random) {
  retry_ = std::chrono::milliseconds(0);
  missing_since_.reset();
  is_empty_seen_ = false;
  const std::chrono::seconds ttl(reply.ttl);
  const bool changed = become(state, reply.addresses, now);
  const AliasTime told = now + ttl;
  if (reply.is_own) {
    own_retry_ = std::chrono::milliseconds(0);
    served_.expires = told;
    ends_ = {};
    due_ = now + kOwnAgain;
    return changed;
  }
  const auto late = ttl.count() == 0 ? kSlowClock : std::chrono::milliseconds(0);
  const bool is_rest =
      !changed && told <= ends_ + std::chrono::seconds(1) + late && told + std::chrono::seconds(2) >= ends_;
  if (is_rest && ttl <= settings.max_ttl) {
    served_.expires = now + std::max<std::chrono::milliseconds>(ttl, kLeastRemainder);
    due_ = ends_;
    while (due_ <= now) due_ += kLeastRemainder;
    return false;
  }
  const auto counted = std::max(settings.min_ttl, std::min(settings.max_ttl, ttl));
  served_.expires = now + counted;
  if (!is_rest) ends_ = ttl >= settings.min_ttl ? told : AliasTime{};
  const auto thousandths = 810 + random % 181;
  due_ = now + std::chrono::milliseconds(counted) * static_cast<std::int64_t>(thousandths) / 1000;
  return changed;
}

bool Freshness::replied(const Reply& reply, AliasTime now, const ResolverSettings& settings,
                        std::uint64_t random) {
  bool is_missing = false;
  switch (reply.kind) {
    case ReplyKind::addresses:
      served_.error = reply.problem;
      return settle(AliasState::fresh, reply, now, settings, random);
    case ReplyKind::nodata:
      if (is_good() && !is_empty_seen_) {
        const bool changed = failed("no address of this type", now, settings);
        is_empty_seen_ = true;
        missing_since_.reset();
        due_ = now + kFirstRetry;
        return changed;
      }
      break;
    case ReplyKind::nxdomain:
      is_missing = true;
      if (!missing_since_) missing_since_ = now;
      if (is_good() && now - *missing_since_ < kNxdomainMustLast) {
        is_empty_seen_ = false;
        return failed("NXDOMAIN", now, settings);
      }
      break;
    default: {
      const bool changed = failed(reply.problem.empty() ? "no usable answer" : reply.problem, now, settings);
      if (reply.is_own) {  // which may be an ANAME whose own target is just being asked for
        own_retry_ = std::min<std::chrono::milliseconds>(std::max(own_retry_ * 2, kOwnRetry), kOwnAgain);
        due_ = now + own_retry_;
      }
      return changed;
    }
  }
  served_.error = is_missing ? "NXDOMAIN" : "";
  return settle(AliasState::nodata, reply, now, settings, random);
}

bool Freshness::failed(const std::string& why, AliasTime now, const ResolverSettings& settings) {
  is_empty_seen_ = false;
  served_.error = why;
  retry(now);
  if (served_.state == AliasState::unknown) return become(AliasState::failed, {}, now);
  return pass(now, settings);
}

bool Freshness::pass(AliasTime now, const ResolverSettings& settings) {
  const bool is_kept = is_good() || served_.state == AliasState::nodata;
  if (is_kept && now >= served_.expires + settings.keep) return become(AliasState::failed, {}, now);
  if (served_.state == AliasState::fresh && now >= stale_at()) {
    return become(AliasState::stale, served_.addresses, now);
  }
  return false;
}

std::optional<AliasTime> Freshness::turns(const ResolverSettings& settings) const {
  if (served_.state == AliasState::fresh) return stale_at();
  if (served_.state == AliasState::stale || served_.state == AliasState::nodata)
    return served_.expires + settings.keep;
  return std::nullopt;
}

const char* text(AliasState state) {
  switch (state) {
    case AliasState::unknown: return "unknown";
    case AliasState::fresh: return "fresh";
    case AliasState::stale: return "stale";
    case AliasState::nodata: return "nodata";
    case AliasState::failed: return "failed";
  }
  return "";
}

}  // namespace holdfast::zones
