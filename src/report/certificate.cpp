// SPDX-License-Identifier: BSD-3-Clause
#include "report/certificate.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "base/cursor.h"
#include "report/digest.h"

namespace mailglass::report {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;

std::string name_text(const X509_NAME* name) {
  // Short names in the certificate's order, values as UTF-8 and not escaped, as Suricata has them.
  constexpr unsigned long kStyle =
      (XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN | ASN1_STRFLGS_UTF8_CONVERT);
  const Bio out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), name, 0, kStyle) < 0) return {};
  const char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  std::string shown = length > 0 ? std::string(text, static_cast<std::size_t>(length)) : "";
  constexpr std::string_view kOpenSsl = "emailAddress=", kSuricata = "Email=";
  for (std::size_t at = 0; (at = shown.find(kOpenSsl, at)) != std::string::npos;) {
    const bool starts = at == 0 || shown[at - 1] == ' ';  // behind ", " or " + "
    if (starts) shown.replace(at, kOpenSsl.size(), kSuricata);
    at += kSuricata.size();
  }
  return shown;
}

std::string serial_text(const ASN1_INTEGER* serial) {
  std::string text = hex({reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
                          static_cast<std::size_t>(ASN1_STRING_length(serial))},
                         ":");
  for (char& c : text) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string time_text(const ASN1_TIME* time) {
  std::tm tm{};
  if (ASN1_TIME_to_tm(time, &tm) != 1) return {};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", tm.tm_year + 1900, tm.tm_mon + 1,
                     tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

}  // namespace

bool Certificate::parse(std::string_view message) {
  Cursor cursor(as_bytes(message));
  cursor.u24();  // of the whole list; only its first entry is here
  const Bytes der = cursor.vector24();
  if (!cursor.ok() || der.empty()) return false;
  fingerprint = hex(digest("SHA1", as_text(der)), ":");
  const unsigned char* at = der.data();
  const X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!x509) return false;
  subject = name_text(X509_get_subject_name(x509.get()));
  issuer = name_text(X509_get_issuer_name(x509.get()));
  serial = serial_text(X509_get0_serialNumber(x509.get()));
  not_before = time_text(X509_get0_notBefore(x509.get()));
  not_after = time_text(X509_get0_notAfter(x509.get()));
  return true;
}

}  // namespace mailglass::report
