/* SPDX-License-Identifier: Apache-2.0 */
#include "si/model.h"
#include <string.h>

static const char *const codec_names[SI_CODEC_COUNT] = {
    [SI_CODEC_UNKNOWN] = "unknown",
    [SI_CODEC_MPEG1_VIDEO] = "mpeg1video",
    [SI_CODEC_MPEG2_VIDEO] = "mpeg2video",
    [SI_CODEC_MPEG4_VIDEO] = "mpeg4video",
    [SI_CODEC_H264] = "h264",
    [SI_CODEC_HEVC] = "hevc",
    [SI_CODEC_AVS] = "avs",
    [SI_CODEC_AVS2] = "avs2",
    [SI_CODEC_AVS3] = "avs3",
    [SI_CODEC_VVC] = "vvc",
    [SI_CODEC_AV1] = "av1",
    [SI_CODEC_VC1] = "vc1",
    [SI_CODEC_DIRAC] = "dirac",
    [SI_CODEC_MPEG_AUDIO] = "mpegaudio",
    [SI_CODEC_AAC] = "aac",
    [SI_CODEC_AAC_LATM] = "aac_latm",
    [SI_CODEC_AC3] = "ac3",
    [SI_CODEC_EAC3] = "eac3",
    [SI_CODEC_DTS] = "dts",
    [SI_CODEC_DRA] = "dra",
    [SI_CODEC_OPUS] = "opus",
    [SI_CODEC_AC4] = "ac4",
    [SI_CODEC_MPEGH] = "mpegh",
    [SI_CODEC_TRUEHD] = "truehd",
    [SI_CODEC_PCM] = "pcm",
    [SI_CODEC_AVS_AUDIO] = "avsaudio",
    [SI_CODEC_TELETEXT] = "teletext",
    [SI_CODEC_SUBTITLE] = "subtitle",
    [SI_CODEC_AIT] = "ait",
    [SI_CODEC_CAROUSEL] = "carousel",
    [SI_CODEC_DATA] = "data",
    [SI_CODEC_SPLICE] = "scte35",
};

const char *si_codec_str(enum si_codec codec)
{
    return (unsigned)codec < SI_CODEC_COUNT ? codec_names[codec] : codec_names[SI_CODEC_UNKNOWN];
}

bool si_codec_is_video(enum si_codec codec)
{
    return codec >= SI_CODEC_MPEG1_VIDEO && codec <= SI_CODEC_DIRAC;
}

bool si_codec_is_audio(enum si_codec codec)
{
    return codec >= SI_CODEC_MPEG_AUDIO && codec <= SI_CODEC_AVS_AUDIO;
}

void si_component_init(struct si_component *component, uint16_t pid, uint8_t stream_type)
{
    memset(component, 0, sizeof(*component));
    component->pid = pid;
    component->stream_type = stream_type;
    component->component_tag = -1;
    component->association_tag = -1;
    component->data_broadcast_id = -1;
    component->profile = component->level = -1;
}
