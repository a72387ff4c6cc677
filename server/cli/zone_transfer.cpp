#include "server/cli/zone_transfer.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include "server/cli/control_client.h"
#include "server/transfer/pull.h"
#include "zones/replicate/accept.h"

namespace holdfast::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::uint16_t port_of(const TransferSource& source) {
  return source.server.port.value_or(source.tls.empty() ? 53 : source.tls.port);
}

std::vector<tcp::endpoint> endpoints_of(const TransferSource& source) {
  asio::io_context io;
  boost::system::error_code error;
  std::vector<tcp::endpoint> endpoints;
  for (const auto& one :
       tcp::resolver(io).resolve(source.server.host, std::to_string(port_of(source)), error))
    endpoints.push_back(one.endpoint());
  if (error)
    throw NoAnswer(fmt::format("{} is no address, and not found: {}", source.server.host, error.message()));
  return endpoints;
}

Pull::Transfer transfer(const PrimaryAddress& from, zones::NameView zone, bool edns) {
  asio::io_context io;
  Pull pull(io, {});
  Pull::Transfer done;
  asio::co_spawn(io, pull.transfer(from, {.apex = zones::Name(zone)}, edns, std::make_shared<Pull::Stop>()),
                 [&](std::exception_ptr failed, Pull::Transfer got) {
                   if (failed) std::rethrow_exception(failed);
                   done = std::move(got);
                 });
  io.run();
  return done;
}

/// Where the system would ask from; empty: it does not know.
std::string our_address(const tcp::endpoint& server) {
  asio::io_context io;
  boost::system::error_code error;
  asio::ip::udp::socket socket(io);
  const asio::ip::udp::endpoint to(server.address(), server.port());
  socket.open(to.protocol(), error);
  if (!error) socket.connect(to, error);  // sends nothing
  const auto ours = error ? asio::ip::udp::endpoint() : socket.local_endpoint(error);
  return error ? "" : ours.address().to_string();
}

/// What to allow there, as the software has it that it may be.
std::string advice(const TransferSource& source, const tcp::endpoint& server, zones::NameView zone) {
  if (source.key != nullptr) {
    return fmt::format(
        "allow the key {} to transfer {} there, as [peer.NAME] key of holdfast, allow-transfer of BIND, "
        "provide-xfr of NSD, acl of Knot or TSIG-ALLOW-AXFR of PowerDNS do",
        source.key->name().text(), zone.text());
  }
  return fmt::format(
      "allow {} to transfer {} there, as [peer.NAME] addresses of holdfast, allow-transfer of BIND, "
      "provide-xfr of NSD, acl of Knot or allow-axfr-ips of PowerDNS do; or sign with its key: --key FILE",
      our_address(server), zone.text());
}

bool is_refused(const std::string& problem) {
  const auto says = [&](zones::Rcode rcode) { return problem.find("says " + text(rcode)) != problem.npos; };
  return says(zones::Rcode::refused) || says(zones::Rcode::notauth);
}

}  // namespace

std::string TransferSource::text() const {
  const bool is_v6 = server.host.find(':') != server.host.npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", server.host, is_v6 ? "]" : "", port_of(*this));
}

std::shared_ptr<const zones::Zone> transferred_zone(const TransferSource& source, zones::NameView zone) {
  Pull::Transfer got;
  tcp::endpoint asked;
  for (const tcp::endpoint& endpoint : endpoints_of(source)) {
    asked = endpoint;
    const PrimaryAddress from{
        .peer = source.server.host, .endpoint = endpoint, .tls = source.tls, .key = source.key};
    got = transfer(from, zone, true);
    if (got.no_edns_may_help) got = transfer(from, zone, false);
    if (got.received) break;
  }
  if (!got.received) {
    std::string problem = fmt::format("{} {}", source.text(), got.problem);
    if (is_refused(problem)) problem += "\n" + advice(source, asked, zone);
    throw NoAnswer(problem);
  }
  zones::Accepted accepted = zones::accept(std::move(*got.received), {.apex = zone});
  if (accepted.zone == nullptr)
    throw NoAnswer(fmt::format("{} sends no zone that we would serve: {}", source.text(), accepted.problem));
  return accepted.zone;
}

}  // namespace holdfast::server
