/* SPDX-License-Identifier: Apache-2.0 */
/* The layouts of the tables and descriptors that an engineer meets in a cable network; clauses beside them.
 * EN: EN 300 468; 13818: ISO/IEC 13818-1 or -6; AIT: TS 102 809. */
#include "probe/layout.h"

#define STREAM_LOOP "transport_stream_id:16 original_network_id:16 -:4 descriptors:D12"
#define NETWORK "-:4 descriptors:D12 -:4 streams[12 " STREAM_LOOP " ]"
#define EVENTS                                                                                               \
    "transport_stream_id:16 original_network_id:16 segment_last_section_number:8 last_table_id:8x "          \
    "events[ event_id:16 start:M duration_s:S running_status:3 free_ca_mode:1 descriptors:D12 ]"
#define SERVICES                                                                                             \
    "original_network_id:16 -:8 services[ service_id:16 -:6 eit_schedule:1 eit_present_following:1 "         \
    "running_status:3 free_ca_mode:1 descriptors:D12 ]"

static const struct layout_table tables[] = {
    {0x00, 0x00, "PAT", "transport_stream_id", "programs[ program_number:16 -:3 pid:13 ]", LAYOUT_SI},
    {0x01, 0x01, "CAT", "reserved", "descriptors:D", LAYOUT_SI},
    {0x02, 0x02, "PMT", "program_number",
     "-:3 pcr_pid:13 -:4 descriptors:D12 components[ stream_type:8 -:3 pid:13 -:4 descriptors:D12 ]",
     LAYOUT_SI},
    {0x03, 0x03, "TSDT", "reserved", "descriptors:D", LAYOUT_SI},
    {0x3A, 0x3A, "DSM-CC LLC/SNAP", "table_id_extension", "size:=", LAYOUT_SI},
    {0x3B, 0x3B, "DSM-CC control", "transaction", "", LAYOUT_SI},
    {0x3C, 0x3C, "DSM-CC data", "module_id", "", LAYOUT_SI},
    {0x3D, 0x3D, "DSM-CC stream descriptors", "event", "descriptors:D", LAYOUT_STREAM},
    {0x3E, 0x3E, "DSM-CC private data", "mac_address_6_5", "size:=", LAYOUT_SI},
    {0x40, 0x40, "NIT actual", "network_id", NETWORK, LAYOUT_SI},
    {0x41, 0x41, "NIT other", "network_id", NETWORK, LAYOUT_SI},
    {0x42, 0x42, "SDT actual", "transport_stream_id", SERVICES, LAYOUT_SI},
    {0x46, 0x46, "SDT other", "transport_stream_id", SERVICES, LAYOUT_SI},
    {0x4A, 0x4A, "BAT", "bouquet_id", NETWORK, LAYOUT_SI},
    {0x4B, 0x4B, "UNT", "action", "oui:24x processing_order:8 -:4 descriptors:D12 rest:X", LAYOUT_SI},
    {0x4C, 0x4C, "INT", "action", "platform_id:24x processing_order:8 -:4 descriptors:D12 rest:X", LAYOUT_SI},
    {0x4E, 0x4E, "EIT present/following actual", "service_id", EVENTS, LAYOUT_SI},
    {0x4F, 0x4F, "EIT present/following other", "service_id", EVENTS, LAYOUT_SI},
    {0x50, 0x5F, "EIT schedule actual", "service_id", EVENTS, LAYOUT_SI},
    {0x60, 0x6F, "EIT schedule other", "service_id", EVENTS, LAYOUT_SI},
    {0x70, 0x70, "TDT", NULL, "utc:M", LAYOUT_SI},
    {0x71, 0x71, "RST", NULL,
     "events[ transport_stream_id:16 original_network_id:16 service_id:16 event_id:16 -:5 running_status:3 ]",
     LAYOUT_SI},
    {0x72, 0x72, "ST", NULL, "size:=", LAYOUT_SI},
    {0x73, 0x73, "TOT", NULL, "utc:M -:4 descriptors:D12", LAYOUT_SI},
    {0x74, 0x74, "AIT", "application_type",
     "-:4 descriptors:D12 -:4 applications[12 organisation_id:32x application_id:16 control_code:8 -:4 "
     "descriptors:D12 ]",
     LAYOUT_AIT},
    {0x7E, 0x7E, "DIT", NULL, "transition:1 -:7", LAYOUT_SI},
    {0x7F, 0x7F, "SIT", "reserved",
     "-:4 descriptors:D12 services[ service_id:16 -:1 running_status:3 descriptors:D12 ]", LAYOUT_SI},
    {0xFC, 0xFC, "SCTE 35 splice information", NULL, "protocol_version:8 hex:X", LAYOUT_SI},
};

const struct layout_table *layout_find_table(uint8_t table_id)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (table_id >= tables[i].first && table_id <= tables[i].last)
            return &tables[i];
    return NULL;
}

#define TARGET "transport_stream_id:16 original_network_id:16 service_id:16 "
#define LCN_10 "services[ service_id:16 visible:1 -:5 lcn:10 ]"

static const struct layout_descriptor descriptors[] = {
    /* 13818 */
    {LAYOUT_SI, 0x02, 0, "video_stream_descriptor",
     "multiple_frame_rate:1 frame_rate_code:4 mpeg_1_only:1 constrained_parameter:1 still_picture:1"},
    {LAYOUT_SI, 0x03, 0, "audio_stream_descriptor", "free_format:1 id:1 layer:2 variable_rate_audio:1 -:3"},
    {LAYOUT_SI, 0x04, 0, "hierarchy_descriptor",
     "-:4 type:4 -:2 layer_index:6 -:2 embedded_layer_index:6 -:2 channel:6"},
    {LAYOUT_SI, 0x05, 0, "registration_descriptor", "format_identifier:32x additional:X"},
    {LAYOUT_SI, 0x06, 0, "data_stream_alignment_descriptor", "alignment_type:8"},
    {LAYOUT_SI, 0x09, 0, "CA_descriptor", "ca_system_id:16x -:3 pid:13 private:X"},
    {LAYOUT_SI, 0x0A, 0, "ISO_639_language_descriptor", "languages[ language:L audio_type:8 ]"},
    {LAYOUT_SI, 0x0B, 0, "system_clock_descriptor",
     "external:1 -:1 accuracy_integer:6 accuracy_exponent:3 -:5"},
    {LAYOUT_SI, 0x0C, 0, "multiplex_buffer_utilization_descriptor", "bound_valid:1 lower:15 -:1 upper:15"},
    {LAYOUT_SI, 0x0D, 0, "copyright_descriptor", "copyright_identifier:32x additional:X"},
    {LAYOUT_SI, 0x0E, 0, "maximum_bitrate_descriptor", "-:2 maximum_bitrate_50_bytes_s:22"},
    {LAYOUT_SI, 0x0F, 0, "private_data_indicator_descriptor", "indicator:32x"},
    {LAYOUT_SI, 0x10, 0, "smoothing_buffer_descriptor", "-:2 leak_rate:22 -:2 size:22"},
    {LAYOUT_SI, 0x11, 0, "STD_descriptor", "-:7 leak_valid:1"},
    {LAYOUT_SI, 0x12, 0, "IBP_descriptor", "closed_gop:1 identical_gop:1 max_gop_length:14"},
    {LAYOUT_SI, 0x13, 0, "carousel_identifier_descriptor", "carousel_id:32 rest:X"},
    {LAYOUT_SI, 0x14, 0, "association_tag_descriptor", "association_tag:16 use:16x selector:X8 private:X"},
    {LAYOUT_SI, 0x15, 0, "deferred_association_tags_descriptor",
     "tags[8 association_tag:16 ] transport_stream_id:16 program_number:16 original_network_id:16 private:X"},
    {LAYOUT_SI, 0x1B, 0, "MPEG-4_video_descriptor", "profile_and_level:8"},
    {LAYOUT_SI, 0x1C, 0, "MPEG-4_audio_descriptor", "profile_and_level:8"},
    {LAYOUT_SI, 0x28, 0, "AVC_video_descriptor",
     "profile_idc:8 constraint_flags:8x level_idc:8 still_present:1 picture_24_hour:1 "
     "frame_packing_not_present:1 -:5"},
    {LAYOUT_SI, 0x2A, 0, "AVC_timing_and_HRD_descriptor", "hex:X"},
    {LAYOUT_SI, 0x2B, 0, "MPEG-2_AAC_audio_descriptor", "profile:8 channels:8 additional:8"},
    {LAYOUT_SI, 0x38, 0, "HEVC_video_descriptor",
     "profile_space:2 tier:1 profile_idc:5 compatibility:32x constraints:48x level_idc:8 rest:X"},
    {LAYOUT_SI, 0x3F, 0, "AVS_video_descriptor", "hex:X"},
    /* EN, Table 12 */
    {LAYOUT_SI, 0x40, 0, "network_name_descriptor", "name:T"},
    {LAYOUT_SI, 0x41, 0, "service_list_descriptor", "services[ service_id:16 service_type:8 ]"},
    {LAYOUT_SI, 0x42, 0, "stuffing_descriptor", "size:="},
    {LAYOUT_SI, 0x43, 0, "satellite_delivery_system_descriptor",
     "frequency_10_khz:B8 orbital_position_tenths:B4 west_east:1 polarization:2 roll_off:2 s2:1 modulation:2 "
     "symbol_rate_100:B7 fec_inner:4"},
    {LAYOUT_SI, 0x44, 0, "cable_delivery_system_descriptor",
     "frequency_100_hz:B8 -:12 fec_outer:4 modulation:8 symbol_rate_100:B7 fec_inner:4"},
    {LAYOUT_SI, 0x45, 0, "VBI_data_descriptor", "hex:X"},
    {LAYOUT_SI, 0x46, 0, "VBI_teletext_descriptor", "pages[ language:L type:5 magazine:3 page:8x ]"},
    {LAYOUT_SI, 0x47, 0, "bouquet_name_descriptor", "name:T"},
    {LAYOUT_SI, 0x48, 0, "service_descriptor", "service_type:8 provider:T8 name:T8"},
    {LAYOUT_SI, 0x49, 0, "country_availability_descriptor", "available:1 -:7 countries[ country:L ]"},
    {LAYOUT_SI, 0x4A, 0, "linkage_descriptor", TARGET "linkage_type:8x private:X"},
    {LAYOUT_SI, 0x4B, 0, "NVOD_reference_descriptor", "services[ " TARGET "]"},
    {LAYOUT_SI, 0x4C, 0, "time_shifted_service_descriptor", "reference_service_id:16"},
    {LAYOUT_SI, 0x4D, 0, "short_event_descriptor", "language:L name:T8 text:T8"},
    {LAYOUT_SI, 0x4E, 0, "extended_event_descriptor",
     "number:4 last_number:4 language:L items[8 description:T8 item:T8 ] text:T8"},
    {LAYOUT_SI, 0x4F, 0, "time_shifted_event_descriptor", "reference_service_id:16 reference_event_id:16"},
    {LAYOUT_SI, 0x50, 0, "component_descriptor",
     "stream_content_ext:4 stream_content:4 component_type:8 component_tag:8 language:L text:T"},
    {LAYOUT_SI, 0x51, 0, "mosaic_descriptor", "hex:X"},
    {LAYOUT_SI, 0x52, 0, "stream_identifier_descriptor", "component_tag:8"},
    {LAYOUT_SI, 0x53, 0, "CA_identifier_descriptor", "systems[ ca_system_id:16x ]"},
    {LAYOUT_SI, 0x54, 0, "content_descriptor", "contents[ level_1:4 level_2:4 user:8 ]"},
    {LAYOUT_SI, 0x55, 0, "parental_rating_descriptor", "ratings[ country:L rating:8 ]"},
    {LAYOUT_SI, 0x56, 0, "teletext_descriptor", "pages[ language:L type:5 magazine:3 page:8x ]"},
    {LAYOUT_SI, 0x57, 0, "telephone_descriptor", "hex:X"},
    {LAYOUT_SI, 0x58, 0, "local_time_offset_descriptor",
     "regions[ country:L region_id:6 -:1 west:1 offset_hhmm:B4 time_of_change:M next_offset_hhmm:B4 ]"},
    {LAYOUT_SI, 0x59, 0, "subtitling_descriptor",
     "subtitles[ language:L type:8x composition_page:16 ancillary_page:16 ]"},
    {LAYOUT_SI, 0x5A, 0, "terrestrial_delivery_system_descriptor", "centre_frequency_10_hz:32 hex:X"},
    {LAYOUT_SI, 0x5B, 0, "multilingual_network_name_descriptor", "names[ language:L name:T8 ]"},
    {LAYOUT_SI, 0x5C, 0, "multilingual_bouquet_name_descriptor", "names[ language:L name:T8 ]"},
    {LAYOUT_SI, 0x5D, 0, "multilingual_service_name_descriptor", "names[ language:L provider:T8 name:T8 ]"},
    {LAYOUT_SI, 0x5E, 0, "multilingual_component_descriptor", "component_tag:8 names[ language:L text:T8 ]"},
    {LAYOUT_SI, 0x5F, 0, "private_data_specifier_descriptor", "private_data_specifier:32x"},
    {LAYOUT_SI, 0x60, 0, "service_move_descriptor",
     "new_original_network_id:16 new_transport_stream_id:16 new_service_id:16"},
    {LAYOUT_SI, 0x61, 0, "short_smoothing_buffer_descriptor", "size:2 leak_rate:6 rest:X"},
    {LAYOUT_SI, 0x62, 0, "frequency_list_descriptor", "-:6 coding_type:2 frequencies[ frequency:32x ]"},
    {LAYOUT_SI, 0x63, 0, "partial_transport_stream_descriptor", "hex:X"},
    {LAYOUT_SI, 0x64, 0, "data_broadcast_descriptor",
     "data_broadcast_id:16x component_tag:8 selector:X8 language:L text:T8"},
    {LAYOUT_SI, 0x65, 0, "scrambling_descriptor", "mode:8x"},
    {LAYOUT_SI, 0x66, 0, "data_broadcast_id_descriptor", "data_broadcast_id:16x selector:X"},
    {LAYOUT_SI, 0x67, 0, "transport_stream_descriptor", "bytes:U"},
    {LAYOUT_SI, 0x69, 0, "PDC_descriptor", "-:4 day:5 month:4 hour:5 minute:6"},
    {LAYOUT_SI, 0x6A, 0, "AC-3_descriptor",
     "component_type_flag:1 bsid_flag:1 mainid_flag:1 asvc_flag:1 -:4 fields:X"},
    {LAYOUT_SI, 0x6B, 0, "ancillary_data_descriptor", "identifier:8x"},
    {LAYOUT_SI, 0x6C, 0, "cell_list_descriptor", "hex:X"},
    {LAYOUT_SI, 0x6D, 0, "cell_frequency_link_descriptor", "hex:X"},
    {LAYOUT_SI, 0x6E, 0, "announcement_support_descriptor", "indicator:16x rest:X"},
    {LAYOUT_SI, 0x6F, 0, "application_signalling_descriptor",
     "types[ -:1 application_type:15 -:3 version:5 ]"},
    {LAYOUT_SI, 0x70, 0, "adaptation_field_data_descriptor", "identifier:8x"},
    {LAYOUT_SI, 0x71, 0, "service_identifier_descriptor", "identifier:U"},
    {LAYOUT_SI, 0x72, 0, "service_availability_descriptor", "hex:X"},
    {LAYOUT_SI, 0x73, 0, "default_authority_descriptor", "authority:U"},
    {LAYOUT_SI, 0x74, 0, "related_content_descriptor", "rest:X"},
    {LAYOUT_SI, 0x76, 0, "content_identifier_descriptor", "hex:X"},
    {LAYOUT_SI, 0x7A, 0, "enhanced_AC-3_descriptor",
     "component_type_flag:1 bsid_flag:1 mainid_flag:1 asvc_flag:1 mix_info_exists:1 substream_1:1 "
     "substream_2:1 substream_3:1 fields:X"},
    {LAYOUT_SI, 0x7B, 0, "DTS_descriptor", "hex:X"},
    {LAYOUT_SI, 0x7C, 0, "AAC_descriptor", "profile_and_level:8 rest:X"},
    {LAYOUT_SI, 0x7D, 0, "XAIT_location_descriptor", "hex:X"},
    {LAYOUT_SI, 0x7E, 0, "FTA_content_management_descriptor",
     "-:4 do_not_scramble:1 remote_access:2 do_not_apply_revocation:1"},
    {LAYOUT_SI, 0x7F, 0, "extension_descriptor", "extension_tag:8x rest:X"},
    {LAYOUT_SI, 0x83, 0x00000028, "logical_channel_descriptor", LCN_10},
    {LAYOUT_SI, 0x83, 0x0000233A, "logical_channel_descriptor", LCN_10},
    {LAYOUT_SI, 0x83, 0x00000037, "logical_channel_descriptor", LCN_10},
    {LAYOUT_SI, 0x83, 0x00003200, "logical_channel_descriptor", LCN_10},
    {LAYOUT_SI, 0x83, 0x00000029, "logical_channel_descriptor",
     "services[ service_id:16 visible:1 -:1 lcn:14 ]"},
    {LAYOUT_SI, 0x87, 0x00000029, "logical_channel_descriptor_2",
     "lists[ channel_list_id:8 name:T8 country:L services[8 service_id:16 visible:1 -:5 lcn:10 ] ]"},
    /* AIT, 5.3 */
    {LAYOUT_AIT, 0x00, 0, "application_descriptor",
     "profiles[8 profile:16x major:8 minor:8 micro:8 ] service_bound:1 visibility:2 -:5 priority:8 "
     "transports[ label:8 ]"},
    {LAYOUT_AIT, 0x01, 0, "application_name_descriptor", "names[ language:L name:U8 ]"},
    {LAYOUT_AIT, 0x02, 0, "transport_protocol_descriptor", "protocol_id:16x label:8 selector:X"},
    {LAYOUT_AIT, 0x03, 0, "dvb_j_application_descriptor", "parameters[ parameter:U8 ]"},
    {LAYOUT_AIT, 0x04, 0, "dvb_j_application_location_descriptor",
     "base_directory:U8 classpath:U8 initial_class:U"},
    {LAYOUT_AIT, 0x05, 0, "external_application_authorisation_descriptor",
     "applications[ organisation_id:32x application_id:16 priority:8 ]"},
    {LAYOUT_AIT, 0x06, 0, "application_recording_descriptor", "hex:X"},
    {LAYOUT_AIT, 0x0B, 0, "application_icons_descriptor", "locator:U8 flags:16x rest:X"},
    {LAYOUT_AIT, 0x10, 0, "application_storage_descriptor", "hex:X"},
    {LAYOUT_AIT, 0x14, 0, "graphics_constraints_descriptor", "hex:X"},
    {LAYOUT_AIT, 0x15, 0, "simple_application_location_descriptor", "initial_path:U"},
    {LAYOUT_AIT, 0x16, 0, "application_usage_descriptor", "usage_type:8"},
    {LAYOUT_AIT, 0x17, 0, "simple_application_boundary_descriptor", "-:8 extensions[ boundary:U8 ]"},
    {LAYOUT_AIT, 0x5F, 0, "private_data_specifier_descriptor", "private_data_specifier:32x"},
    /* 13818-6, 8 */
    {LAYOUT_STREAM, 0x17, 0, "NPT_reference_descriptor",
     "post_discontinuity:1 content_id:7 -:7 stc_90khz:33 -:31 npt_90khz:33 scale_numerator:16 "
     "scale_denominator:16"},
    {LAYOUT_STREAM, 0x18, 0, "NPT_endpoint_descriptor", "-:15 start_npt_90khz:33 -:31 stop_npt_90khz:33"},
    {LAYOUT_STREAM, 0x19, 0, "stream_mode_descriptor", "stream_mode:8 -:8"},
    {LAYOUT_STREAM, 0x1A, 0, "stream_event_descriptor", "event_id:16 -:31 npt_90khz:33 private:X"},
};

const struct layout_descriptor *layout_find_descriptor(enum layout_context context, uint8_t tag,
                                                       uint32_t specifier)
{
    for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
        const struct layout_descriptor *at = &descriptors[i];
        if (at->context == context && at->tag == tag && (at->specifier == 0 || at->specifier == specifier))
            return at;
    }
    return NULL;
}
