#include "health/probe/certificate.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <ctime>

namespace holdfast::health {
namespace {

constexpr int kNamesShown = 5;

std::string date(const ASN1_TIME* time) {
  std::tm day{};
  char text[sizeof "2026-01-02"] = "";
  if (time != nullptr && ASN1_TIME_to_tm(time, &day) == 1) std::strftime(text, sizeof text, "%F", &day);
  return text;
}

std::string one_line(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

/// Empty for kinds of names that say nothing about a server.
std::string subject(const GENERAL_NAME& name) {
  if (name.type != GEN_DNS && name.type != GEN_IPADD) return {};
  const auto* const value = name.type == GEN_DNS ? name.d.dNSName : name.d.iPAddress;
  const auto* const octets = ASN1_STRING_get0_data(value);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
  if (name.type == GEN_DNS) return std::string(reinterpret_cast<const char*>(octets), size);
  using namespace boost::asio::ip;
  address_v4::bytes_type v4;
  address_v6::bytes_type v6;
  if (size == v4.size()) {
    std::copy_n(octets, size, v4.begin());
    return address_v4(v4).to_string();
  }
  if (size == v6.size()) {
    std::copy_n(octets, size, v6.begin());
    return address_v6(v6).to_string();
  }
  return {};
}

/// Where a connection has its witness.
int place_in_connection() {
  static const int kPlace = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return kPlace;
}

}  // namespace

void CertificateWitness::attach(SSL_CTX* context) {
  SSL_CTX_set_cert_verify_callback(context, &CertificateWitness::verify, this);
}

void CertificateWitness::prepare(SSL_CTX* context) {
  SSL_CTX_set_cert_verify_callback(context, &CertificateWitness::verify_attached, nullptr);
}

bool CertificateWitness::attach(SSL* connection) {
  return SSL_set_ex_data(connection, place_in_connection(), this) == 1;
}

void CertificateWitness::detach(SSL* connection) {
  SSL_set_ex_data(connection, place_in_connection(), nullptr);
}

int CertificateWitness::verify_attached(X509_STORE_CTX* chain, void*) {
  const auto* const connection =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  void* const witness = SSL_get_ex_data(connection, place_in_connection());
  return witness == nullptr ? X509_verify_cert(chain) : verify(chain, witness);
}

int CertificateWitness::verify(X509_STORE_CTX* chain, void* self) {
  auto& witness = *static_cast<CertificateWitness*>(self);
  const auto keep = [](Certificate& place, X509* certificate) {
    if (certificate != nullptr && X509_up_ref(certificate) == 1) place.reset(certificate);
  };
  const int verified = X509_verify_cert(chain);
  keep(witness.leaf_, X509_STORE_CTX_get0_cert(chain));
  if (verified != 1) {
    witness.error_ = X509_STORE_CTX_get_error(chain);
    keep(witness.culprit_, X509_STORE_CTX_get_current_cert(chain));
  }
  return verified;
}

std::string CertificateWitness::chain_fault() const {
  if (error_ == X509_V_OK) return {};
  const auto* const culprit = culprit_ ? culprit_.get() : leaf_.get();
  if (culprit != nullptr) {
    switch (error_) {
      case X509_V_ERR_CERT_HAS_EXPIRED: return "certificate expired " + date(X509_get0_notAfter(culprit));
      case X509_V_ERR_CERT_NOT_YET_VALID:
        return "certificate not yet valid, only from " + date(X509_get0_notBefore(culprit));
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return "unknown issuer: " + one_line(X509_get_issuer_name(culprit));
      case X509_V_ERR_HOSTNAME_MISMATCH:
      case X509_V_ERR_IP_ADDRESS_MISMATCH: return name_mismatch();
      default: break;
    }
  }
  return std::string("certificate: ") + X509_verify_cert_error_string(error_);
}

std::string CertificateWitness::name_mismatch() const {
  const std::string all = names();
  return "name mismatch: the certificate is for " + (all.empty() ? "no name" : all);
}

std::string CertificateWitness::names() const {
  if (!leaf_) return {};
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf_.get(), NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::string names;
  for (int i = 0, shown = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const auto name = subject(*sk_GENERAL_NAME_value(all.get(), i));
    if (name.empty()) continue;
    if (!names.empty()) names += ", ";
    if (++shown > kNamesShown) return names + "...";
    names += name;
  }
  return names;
}

std::string CertificateWitness::expires_within(unsigned days) const {
  int left = 0;
  int seconds = 0;
  if (days == 0 || !leaf_ || ASN1_TIME_diff(&left, &seconds, nullptr, X509_get0_notAfter(leaf_.get())) != 1) {
    return {};
  }
  if (left >= static_cast<int>(days)) return {};
  return "certificate expires " + date(X509_get0_notAfter(leaf_.get())) + ", in " + std::to_string(left) +
         " days, and " + std::to_string(days) + " are wanted";
}

}  // namespace holdfast::health
