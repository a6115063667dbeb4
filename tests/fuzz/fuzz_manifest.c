/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest, as if its signature had been right; and the same bytes as chain and signature of a
 * verification. */
#include "trust/sign.h"
#include "trust/verify.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct trust_manifest *manifest)
{
    for (size_t i = 0; i < manifest->file_count; i++) {
        const struct trust_file *file = trust_manifest_find(manifest, manifest->files[i].path);
        if (file != &manifest->files[i] || file->size > TRUST_FILE_SIZE_MAXIMUM) {
            abort();
        }
    }
    if (manifest->sequence < 1 || manifest->valid_from > manifest->valid_until) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct error error;
    struct trust_manifest *manifest = trust_manifest_parse(bytes, &error);
    if (manifest != NULL) {
        use(manifest);
        trust_manifest_destroy(manifest);
    }
    /* Certificates in the operator's place: reading them must survive, and trust in nothing must not appear.
     */
    struct trust_verifier *verifier = trust_verifier_create(bytes, &error);
    if (verifier != NULL) {
        enum trust_result result = trust_verify(verifier, "commerce", bytes, bytes, bytes,
                                                INT64_C(1795450680), NULL, &manifest, &error);
        if (result == TRUST_ACCEPTED || result == TRUST_UNCHANGED || manifest != NULL) {
            abort();
        }
        trust_verifier_destroy(verifier);
    }
    return 0;
}
