/* SPDX-License-Identifier: Apache-2.0 */
/* The layouts of descriptors in PSI and SI. 13818: ISO/IEC 13818-1 or -6; EN: EN 300 468. */
#include "probe/layout.h"

#define TARGET "transport_stream_id:16 original_network_id:16 service_id:16 "
#define LCN_10 "services[ service_id:16 visible:1 -:5 lcn:10 ]"
#define LINKAGE                                                                                              \
    TARGET "linkage_type:8x ?linkage_type=0x08( handover_type:4 -:3 origin_type:1 ?handover_type=1( "        \
           "network_id:16 ) ?handover_type=2( network_id:16 ) ?handover_type=3( network_id:16 ) "            \
           "?!origin_type( initial_service_id:16 ) ) ?linkage_type=0x09( ouis[8 oui:24x selector:X8 ] ) "    \
           "?linkage_type=0x0B( platforms[8 platform_id:24x names[8 language:L name:T8 ] ] ) "               \
           "?linkage_type=0x0D( target_event_id:16 target_listed:1 event_simulcast:1 -:6 ) private:X"

static const struct layout_descriptor descriptors[] = {
    /* 13818 */
    {LAYOUT_SI, 0x02, 0, "video_stream_descriptor",
     "multiple_frame_rate:1 frame_rate_code:4 mpeg_1_only:1 constrained_parameter:1 still_picture:1"},
    {LAYOUT_SI, 0x03, 0, "audio_stream_descriptor", "free_format:1 id:1 layer:2 variable_rate_audio:1 -:3"},
    {LAYOUT_SI, 0x04, 0, "hierarchy_descriptor",
     "-:4 type:4 -:2 layer_index:6 -:2 embedded_layer_index:6 -:2 channel:6"},
    {LAYOUT_SI, 0x05, 0, "registration_descriptor", "format_identifier:32x additional:X"},
    {LAYOUT_SI, 0x06, 0, "data_stream_alignment_descriptor", "alignment_type:8"},
    {LAYOUT_SI, 0x07, 0, "target_background_grid_descriptor",
     "horizontal_size:14 vertical_size:14 aspect_ratio:4"},
    {LAYOUT_SI, 0x08, 0, "video_window_descriptor",
     "horizontal_offset:14 vertical_offset:14 window_priority:4"},
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
    {LAYOUT_SI, 0x1D, 0, "IOD_descriptor", "scope:8 label:8 hex:X"},
    {LAYOUT_SI, 0x1E, 0, "SL_descriptor", "es_id:16"},
    {LAYOUT_SI, 0x1F, 0, "FMC_descriptor", "channels[ es_id:16 flexmux_channel:8 ]"},
    {LAYOUT_SI, 0x20, 0, "external_ES_ID_descriptor", "es_id:16"},
    {LAYOUT_SI, 0x24, 0, "content_labeling_descriptor", "metadata_application_format:16x hex:X"},
    {LAYOUT_SI, 0x25, 0, "metadata_pointer_descriptor",
     "metadata_application_format:16x ?metadata_application_format=0xFFFF( application_format_identifier:32x "
     ") metadata_format:8x ?metadata_format=0xFF( format_identifier:32x ) metadata_service_id:8 "
     "locator_record:1 mpeg_carriage:2 -:5 ?locator_record( locator:X8 ) ?mpeg_carriage=0( program_number:16 "
     ") ?mpeg_carriage=1( program_number:16 transport_stream_location:16 transport_stream_id:16 ) "
     "?mpeg_carriage=2( program_number:16 ) ?+( private:X )"},
    {LAYOUT_SI, 0x26, 0, "metadata_descriptor",
     "metadata_application_format:16x ?metadata_application_format=0xFFFF( application_format_identifier:32x "
     ") metadata_format:8x ?metadata_format=0xFF( format_identifier:32x ) metadata_service_id:8 "
     "decoder_config:3 dsm_cc:1 -:4 ?+( rest:X )"},
    {LAYOUT_SI, 0x27, 0, "metadata_STD_descriptor",
     "-:2 input_leak_rate:22 -:2 buffer_size:22 -:2 output_leak_rate:22"},
    {LAYOUT_SI, 0x28, 0, "AVC_video_descriptor",
     "profile_idc:8 constraint_flags:8x level_idc:8 still_present:1 picture_24_hour:1 "
     "frame_packing_not_present:1 -:5"},
    {LAYOUT_SI, 0x2A, 0, "AVC_timing_and_HRD_descriptor",
     "hrd_management_valid:1 -:6 picture_and_timing_info:1 ?picture_and_timing_info( ticks_90khz:1 -:7 "
     "?!ticks_90khz( n:32 k:32 ) num_units_in_tick:32 ) fixed_frame_rate:1 temporal_poc:1 "
     "picture_to_display_conversion:1 -:5"},
    {LAYOUT_SI, 0x2B, 0, "MPEG-2_AAC_audio_descriptor", "profile:8 channels:8 additional:8"},
    {LAYOUT_SI, 0x2E, 0, "MPEG-4_audio_extension_descriptor", "hex:X"},
    {LAYOUT_SI, 0x2F, 0, "auxiliary_video_stream_descriptor", "codec_type:8 hex:X"},
    {LAYOUT_SI, 0x30, 0, "SVC_extension_descriptor",
     "width:16 height:16 frame_rate:16 average_bitrate:16 maximum_bitrate:16 dependency_id:3 -:5 "
     "quality_id_start:4 quality_id_end:4 temporal_id_start:3 temporal_id_end:3 no_sei:1 -:1"},
    {LAYOUT_SI, 0x31, 0, "MVC_extension_descriptor",
     "average_bitrate:16 maximum_bitrate:16 view_association_not_present:1 base_view_is_left:1 -:2 "
     "view_order_index_min:10 view_order_index_max:10 temporal_id_start:3 temporal_id_end:3 no_sei:1 "
     "no_prefix:1"},
    {LAYOUT_SI, 0x32, 0, "J2K_video_descriptor",
     "profile_and_level:16x horizontal_size:32 vertical_size:32 max_bit_rate:32 max_buffer_size:32 "
     "den_frame_rate:16 num_frame_rate:16 color_specification:8 rest:X"},
    {LAYOUT_SI, 0x34, 0, "stereoscopic_video_format_descriptor", "hex:X"},
    {LAYOUT_SI, 0x35, 0, "stereoscopic_program_info_descriptor", "-:5 stereoscopic_service_type:3"},
    {LAYOUT_SI, 0x37, 0, "transport_profile_descriptor", "transport_profile:8 private:X"},
    {LAYOUT_SI, 0x38, 0, "HEVC_video_descriptor",
     "profile_space:2 tier:1 profile_idc:5 compatibility:32x constraints:48x level_idc:8 "
     "temporal_layer_subset:1 still_present:1 picture_24_hour:1 sub_pic_hrd_params_not_present:1 -:2 "
     "hdr_wcg_idc:2 ?temporal_layer_subset( temporal_id_min:3 -:5 temporal_id_max:3 -:5 )"},
    {LAYOUT_SI, 0x39, 0, "VVC_video_descriptor",
     "profile_idc:7 tier:1 num_sub_profiles:8 sub_profiles[=num_sub_profiles sub_profile_idc:32x ] "
     "constraints:8x level_idc:8 rest:X"},
    {LAYOUT_SI, 0x3F, 0, "MPEG_extension_descriptor", "extension_tag:8x rest:X"},
    /* EN, Table 12 */
    {LAYOUT_SI, 0x40, 0, "network_name_descriptor", "name:T"},
    {LAYOUT_SI, 0x41, 0, "service_list_descriptor", "services[ service_id:16 service_type:8 ]"},
    {LAYOUT_SI, 0x42, 0, "stuffing_descriptor", "size:="},
    {LAYOUT_SI, 0x43, 0, "satellite_delivery_system_descriptor",
     "frequency_10_khz:B8 orbital_position_tenths:B4 west_east:1 polarization:2 roll_off:2 s2:1 modulation:2 "
     "symbol_rate_100:B7 fec_inner:4"},
    {LAYOUT_SI, 0x44, 0, "cable_delivery_system_descriptor",
     "frequency_100_hz:B8 -:12 fec_outer:4 modulation:8 symbol_rate_100:B7 fec_inner:4"},
    {LAYOUT_SI, 0x45, 0, "VBI_data_descriptor", "services[ data_service_id:8 lines:X8 ]"},
    {LAYOUT_SI, 0x46, 0, "VBI_teletext_descriptor", "pages[ language:L type:5 magazine:3 page:8x ]"},
    {LAYOUT_SI, 0x47, 0, "bouquet_name_descriptor", "name:T"},
    {LAYOUT_SI, 0x48, 0, "service_descriptor", "service_type:8 provider:T8 name:T8"},
    {LAYOUT_SI, 0x49, 0, "country_availability_descriptor", "available:1 -:7 countries[ country:L ]"},
    {LAYOUT_SI, 0x4A, 0, "linkage_descriptor", LINKAGE},
    {LAYOUT_SI, 0x4B, 0, "NVOD_reference_descriptor", "services[ " TARGET "]"},
    {LAYOUT_SI, 0x4C, 0, "time_shifted_service_descriptor", "reference_service_id:16"},
    {LAYOUT_SI, 0x4D, 0, "short_event_descriptor", "language:L name:T8 text:T8"},
    {LAYOUT_SI, 0x4E, 0, "extended_event_descriptor",
     "number:4 last_number:4 language:L items[8 description:T8 item:T8 ] text:T8"},
    {LAYOUT_SI, 0x4F, 0, "time_shifted_event_descriptor", "reference_service_id:16 reference_event_id:16"},
    {LAYOUT_SI, 0x50, 0, "component_descriptor",
     "stream_content_ext:4 stream_content:4 component_type:8 component_tag:8 language:L text:T"},
    {LAYOUT_SI, 0x51, 0, "mosaic_descriptor",
     "entry_point:1 horizontal_cells:3 -:1 vertical_cells:3 cells[ logical_cell_id:6 -:7 presentation_info:3 "
     "elementary_cells[8 -:2 elementary_cell_id:6 ] linkage_info:8 ?linkage_info=1( bouquet_id:16 ) "
     "?linkage_info=2( original_network_id:16 transport_stream_id:16 service_id:16 ) ?linkage_info=3( "
     "original_network_id:16 transport_stream_id:16 service_id:16 ) ?linkage_info=4( original_network_id:16 "
     "transport_stream_id:16 service_id:16 event_id:16 ) ]"},
    {LAYOUT_SI, 0x52, 0, "stream_identifier_descriptor", "component_tag:8"},
    {LAYOUT_SI, 0x53, 0, "CA_identifier_descriptor", "systems[ ca_system_id:16x ]"},
    {LAYOUT_SI, 0x54, 0, "content_descriptor", "contents[ level_1:4 level_2:4 user:8 ]"},
    {LAYOUT_SI, 0x55, 0, "parental_rating_descriptor", "ratings[ country:L rating:8 ]"},
    {LAYOUT_SI, 0x56, 0, "teletext_descriptor", "pages[ language:L type:5 magazine:3 page:8x ]"},
    {LAYOUT_SI, 0x57, 0, "telephone_descriptor",
     "-:2 foreign_availability:1 connection_type:5 -:1 country_prefix_size:2 international_area_code_size:3 "
     "operator_code_size:2 -:1 national_area_code_size:3 core_number_size:4 digits:U"},
    {LAYOUT_SI, 0x58, 0, "local_time_offset_descriptor",
     "regions[ country:L region_id:6 -:1 west:1 offset_hhmm:B4 time_of_change:M next_offset_hhmm:B4 ]"},
    {LAYOUT_SI, 0x59, 0, "subtitling_descriptor",
     "subtitles[ language:L type:8x composition_page:16 ancillary_page:16 ]"},
    {LAYOUT_SI, 0x5A, 0, "terrestrial_delivery_system_descriptor",
     "centre_frequency_10_hz:32 bandwidth:3 priority:1 time_slicing:1 mpe_fec:1 -:2 constellation:2 "
     "hierarchy:3 code_rate_hp:3 code_rate_lp:3 guard_interval:2 transmission_mode:2 other_frequency:1 -:32"},
    {LAYOUT_SI, 0x5B, 0, "multilingual_network_name_descriptor", "names[ language:L name:T8 ]"},
    {LAYOUT_SI, 0x5C, 0, "multilingual_bouquet_name_descriptor", "names[ language:L name:T8 ]"},
    {LAYOUT_SI, 0x5D, 0, "multilingual_service_name_descriptor", "names[ language:L provider:T8 name:T8 ]"},
    {LAYOUT_SI, 0x5E, 0, "multilingual_component_descriptor", "component_tag:8 names[ language:L text:T8 ]"},
    {LAYOUT_SI, 0x5F, 0, "private_data_specifier_descriptor", "private_data_specifier:32x"},
    {LAYOUT_SI, 0x60, 0, "service_move_descriptor",
     "new_original_network_id:16 new_transport_stream_id:16 new_service_id:16"},
    {LAYOUT_SI, 0x61, 0, "short_smoothing_buffer_descriptor", "size:2 leak_rate:6 rest:X"},
    {LAYOUT_SI, 0x62, 0, "frequency_list_descriptor", "-:6 coding_type:2 frequencies[ frequency:32x ]"},
    {LAYOUT_SI, 0x63, 0, "partial_transport_stream_descriptor",
     "-:2 peak_rate_400_bits:22 -:2 minimum_overall_smoothing_rate:22 -:2 "
     "maximum_overall_smoothing_buffer:14"},
    {LAYOUT_SI, 0x64, 0, "data_broadcast_descriptor",
     "data_broadcast_id:16x component_tag:8 selector:X8 language:L text:T8"},
    {LAYOUT_SI, 0x65, 0, "scrambling_descriptor", "mode:8x"},
    {LAYOUT_SI, 0x66, 0, "data_broadcast_id_descriptor",
     "data_broadcast_id:16x ?data_broadcast_id=0x000A( ouis[8 oui:24x -:4 update_type:4 -:2 versioned:1 "
     "version:5 selector:X8 ] private:X ) ?data_broadcast_id=0x000B( platforms[8 platform_id:24x "
     "action_type:8 -:2 versioned:1 version:5 ] private:X ) ?+( selector:X )"},
    {LAYOUT_SI, 0x67, 0, "transport_stream_descriptor", "bytes:U"},
    {LAYOUT_SI, 0x68, 0, "DSNG_descriptor", "bytes:U"},
    {LAYOUT_SI, 0x69, 0, "PDC_descriptor", "-:4 day:5 month:4 hour:5 minute:6"},
    {LAYOUT_SI, 0x6A, 0, "AC-3_descriptor",
     "component_type_flag:1 bsid_flag:1 mainid_flag:1 asvc_flag:1 -:4 ?component_type_flag( "
     "component_type:8x ) ?bsid_flag( bsid:8 ) ?mainid_flag( mainid:8 ) ?asvc_flag( asvc:8 ) ?+( "
     "additional:X )"},
    {LAYOUT_SI, 0x6B, 0, "ancillary_data_descriptor", "identifier:8x"},
    {LAYOUT_SI, 0x6C, 0, "cell_list_descriptor",
     "cells[ cell_id:16 latitude:16x longitude:16x extent_of_latitude:12 extent_of_longitude:12 subcells[8 "
     "cell_id_extension:8 latitude:16x longitude:16x extent_of_latitude:12 extent_of_longitude:12 ] ]"},
    {LAYOUT_SI, 0x6D, 0, "cell_frequency_link_descriptor",
     "cells[ cell_id:16 frequency_10_hz:32 subcells[8 cell_id_extension:8 transposer_frequency_10_hz:32 ] ]"},
    {LAYOUT_SI, 0x6E, 0, "announcement_support_descriptor",
     "indicator:16x announcements[ announcement_type:4 -:1 reference_type:3 ?reference_type=1( "
     "original_network_id:16 transport_stream_id:16 service_id:16 component_tag:8 ) ?reference_type=2( "
     "original_network_id:16 transport_stream_id:16 service_id:16 component_tag:8 ) ?reference_type=3( "
     "original_network_id:16 transport_stream_id:16 service_id:16 component_tag:8 ) ]"},
    {LAYOUT_SI, 0x6F, 0, "application_signalling_descriptor",
     "types[ -:1 application_type:15 -:3 version:5 ]"},
    {LAYOUT_SI, 0x70, 0, "adaptation_field_data_descriptor", "identifier:8x"},
    {LAYOUT_SI, 0x71, 0, "service_identifier_descriptor", "identifier:U"},
    {LAYOUT_SI, 0x72, 0, "service_availability_descriptor", "available:1 -:7 cells[ cell_id:16 ]"},
    {LAYOUT_SI, 0x73, 0, "default_authority_descriptor", "authority:U"},
    {LAYOUT_SI, 0x74, 0, "related_content_descriptor", "rest:X"},
    {LAYOUT_SI, 0x75, 0, "TVA_id_descriptor", "ids[ tva_id:16 -:5 running_status:3 ]"},
    {LAYOUT_SI, 0x76, 0, "content_identifier_descriptor",
     "crids[ crid_type:6 crid_location:2 ?crid_location=0( crid:U8 ) ?crid_location=1( crid_ref:16 ) ]"},
    {LAYOUT_SI, 0x77, 0, "time_slice_fec_identifier_descriptor",
     "time_slicing:1 mpe_fec:2 -:2 frame_size:3 max_burst_duration:8 max_average_rate:4 time_slice_fec_id:4 "
     "selector:X"},
    {LAYOUT_SI, 0x78, 0, "ECM_repetition_rate_descriptor",
     "ca_system_id:16x ecm_repetition_rate:16 private:X"},
    {LAYOUT_SI, 0x79, 0, "S2_satellite_delivery_system_descriptor",
     "scrambling_sequence_selector:1 multiple_input_stream:1 -:1 not_timeslice:1 -:2 ts_gs_mode:2 "
     "?scrambling_sequence_selector( -:6 scrambling_sequence_index:18 ) ?multiple_input_stream( "
     "input_stream_identifier:8 ) ?!not_timeslice( ?+( timeslice_number:8 ) )"},
    {LAYOUT_SI, 0x7A, 0, "enhanced_AC-3_descriptor",
     "component_type_flag:1 bsid_flag:1 mainid_flag:1 asvc_flag:1 mix_info_exists:1 substream_1:1 "
     "substream_2:1 substream_3:1 ?component_type_flag( component_type:8x ) ?bsid_flag( bsid:8 ) "
     "?mainid_flag( mainid:8 ) ?asvc_flag( asvc:8 ) ?substream_1( substream_1_type:8x ) ?substream_2( "
     "substream_2_type:8x ) ?substream_3( substream_3_type:8x ) ?+( additional:X )"},
    {LAYOUT_SI, 0x7B, 0, "DTS_descriptor",
     "sample_rate_code:4 bit_rate_code:6 nblks:7 fsize:14 surround_mode:6 lfe:1 extended_surround:2 ?+( "
     "additional:X )"},
    {LAYOUT_SI, 0x7C, 0, "AAC_descriptor",
     "profile_and_level:8 ?+( aac_type_flag:1 saoc_de:1 -:6 ?aac_type_flag( aac_type:8x ) ?+( additional:X ) "
     ")"},
    {LAYOUT_SI, 0x7D, 0, "XAIT_location_descriptor",
     "xait_original_network_id:16 xait_service_id:16 xait_version:5 update_policy:3"},
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
    {LAYOUT_SI, 0x88, 0x00000028, "HD_simulcast_logical_channel_descriptor", LCN_10},
    {LAYOUT_SI, 0x84, 0x00000028, "preferred_name_list_descriptor",
     "languages[ language:L names[8 name_id:8 name:T8 ] ]"},
    {LAYOUT_SI, 0x85, 0x00000028, "preferred_name_identifier_descriptor", "name_id:8"},
    {LAYOUT_SI, 0x88, 0x0000233A, "HD_simulcast_logical_channel_descriptor", LCN_10},
    {LAYOUT_SI, 0x84, 0x0000233A, "preferred_name_list_descriptor",
     "languages[ language:L names[8 name_id:8 name:T8 ] ]"},
    {LAYOUT_SI, 0x85, 0x0000233A, "preferred_name_identifier_descriptor", "name_id:8"},
    {LAYOUT_SI, 0x86, 0x00000028, "eacem_stream_identifier_descriptor", "version:8"},
    {LAYOUT_SI, 0x8A, 0x43554549, "cue_identifier_descriptor", "cue_stream_type:8"},
    /* T/AI 109.6, behind a registration of AVSV */
    {LAYOUT_SI, 0xD1, 0x41565356, "AVS3_video_descriptor",
     "profile_id:8x level_id:8x multiple_frame_rate:1 frame_rate_code:4 sample_precision:3 chroma_format:2 "
     "temporal_id_flag:1 td_mode_flag:1 library_stream:1 library_picture_enable:1 -:2 colour_primaries:8 "
     "transfer_characteristics:8 matrix_coefficients:8 -:8"},
    /* EN, 6.4 */
    {LAYOUT_EXTENSION, 0x00, 0, "image_icon_descriptor",
     "descriptor_number:4 last_descriptor_number:4 -:5 icon_id:3 hex:X"},
    {LAYOUT_EXTENSION, 0x01, 0, "cpcm_delivery_signalling_descriptor", "cpcm_version:8 hex:X"},
    {LAYOUT_EXTENSION, 0x02, 0, "CP_descriptor", "cp_system_id:16x -:3 pid:13 private:X"},
    {LAYOUT_EXTENSION, 0x03, 0, "CP_identifier_descriptor", "systems[ cp_system_id:16x ]"},
    {LAYOUT_EXTENSION, 0x04, 0, "T2_delivery_system_descriptor",
     "plp_id:8 t2_system_id:16 ?+( siso_miso:2 bandwidth:4 -:2 guard_interval:3 transmission_mode:3 "
     "other_frequency:1 tfs:1 cells[ cell_id:16 ?tfs( frequencies[8 centre_frequency_10_hz:32 ] ) ?!tfs( "
     "centre_frequency_10_hz:32 ) subcells[8 cell_id_extension:8 transposer_frequency_10_hz:32 ] ] )"},
    {LAYOUT_EXTENSION, 0x05, 0, "SH_delivery_system_descriptor", "diversity_mode:4x -:4 hex:X"},
    {LAYOUT_EXTENSION, 0x06, 0, "supplementary_audio_descriptor",
     "mix_type:1 editorial_classification:5 -:1 language_code_present:1 ?language_code_present( language:L ) "
     "?+( private:X )"},
    {LAYOUT_EXTENSION, 0x07, 0, "network_change_notify_descriptor",
     "cells[ cell_id:16 changes[8 network_change_id:8 version:8 start:M duration_s:S receiver_category:3 "
     "invariant_ts_present:1 change_type:4 message_id:8 ?invariant_ts_present( "
     "invariant_transport_stream_id:16 invariant_original_network_id:16 ) ] ]"},
    {LAYOUT_EXTENSION, 0x08, 0, "message_descriptor", "message_id:8 language:L text:T"},
    {LAYOUT_EXTENSION, 0x09, 0, "target_region_descriptor",
     "country:L regions[ -:5 country_code_flag:1 region_depth:2 ?country_code_flag( country:L ) "
     "?region_depth=1( primary:8 ) ?region_depth=2( primary:8 secondary:8 ) ?region_depth=3( primary:8 "
     "secondary:8 tertiary:16 ) ]"},
    {LAYOUT_EXTENSION, 0x0A, 0, "target_region_name_descriptor",
     "country:L language:L regions[ region_depth:2 name:T6 ?region_depth=1( primary:8 ) ?region_depth=2( "
     "primary:8 secondary:8 ) ?region_depth=3( primary:8 secondary:8 tertiary:16 ) ]"},
    {LAYOUT_EXTENSION, 0x0B, 0, "service_relocated_descriptor",
     "old_original_network_id:16 old_transport_stream_id:16 old_service_id:16"},
    {LAYOUT_EXTENSION, 0x0C, 0, "XAIT_PID_descriptor", "-:3 xait_pid:13"},
    {LAYOUT_EXTENSION, 0x0D, 0, "C2_delivery_system_descriptor",
     "plp_id:8 data_slice_id:8 tuning_frequency_hz:32 tuning_frequency_type:2 active_ofdm_symbol_duration:3 "
     "guard_interval:3"},
    {LAYOUT_EXTENSION, 0x0E, 0, "DTS-HD_descriptor", "hex:X"},
    {LAYOUT_EXTENSION, 0x0F, 0, "DTS_Neural_descriptor", "config_id:8 additional:X"},
    {LAYOUT_EXTENSION, 0x10, 0, "video_depth_range_descriptor", "ranges[ range_type:8 data:X8 ]"},
    {LAYOUT_EXTENSION, 0x11, 0, "T2MI_descriptor",
     "-:5 t2mi_stream_id:3 -:5 num_t2mi_streams_minus_one:3 -:7 pcr_iscr_common_clock:1 rest:X"},
    {LAYOUT_EXTENSION, 0x13, 0, "URI_linkage_descriptor",
     "uri_linkage_type:8x uri:U8 ?uri_linkage_type=0( min_polling_interval:16 ) ?uri_linkage_type=1( "
     "min_polling_interval:16 ) ?+( private:X )"},
    {LAYOUT_EXTENSION, 0x14, 0, "CI_ancillary_data_descriptor", "hex:X"},
    {LAYOUT_EXTENSION, 0x15, 0, "AC-4_descriptor",
     "ac4_config:1 ac4_toc_flag:1 -:6 ?ac4_config( dialog_enhancement:1 channel_mode:2 -:5 ) ?ac4_toc_flag( "
     "ac4_toc:X8 ) ?+( additional:X )"},
    {LAYOUT_EXTENSION, 0x16, 0, "C2_bundle_delivery_system_descriptor",
     "entries[ plp_id:8 data_slice_id:8 tuning_frequency_hz:32 tuning_frequency_type:2 "
     "active_ofdm_symbol_duration:3 guard_interval:3 master_channel:1 -:7 ]"},
    {LAYOUT_EXTENSION, 0x17, 0, "S2X_satellite_delivery_system_descriptor",
     "receiver_profiles:5 -:3 s2x_mode:2 scrambling_sequence_selector:1 -:3 ts_gs_s2x_mode:2 "
     "?scrambling_sequence_selector( -:6 scrambling_sequence_index:18 ) frequency_10_khz:B8 "
     "orbital_position_tenths:B4 west_east:1 polarization:2 multiple_input_stream:1 -:1 roll_off:3 -:4 "
     "symbol_rate_100:B7 ?multiple_input_stream( input_stream_identifier:8 ) ?s2x_mode=2( timeslice_number:8 "
     ") ?+( rest:X )"},
    {LAYOUT_EXTENSION, 0x18, 0, "protection_message_descriptor", "hex:X"},
    {LAYOUT_EXTENSION, 0x19, 0, "audio_preselection_descriptor",
     "num_preselections:5 -:3 preselections[=num_preselections preselection_id:5 "
     "audio_rendering_indication:3 audio_description:1 spoken_subtitles:1 dialogue_enhancement:1 "
     "interactivity_enabled:1 language_code_present:1 text_label_present:1 multi_stream_info_present:1 "
     "future_extension:1 ?language_code_present( language:L ) ?text_label_present( message_id:8 ) "
     "?multi_stream_info_present( num_aux_components:3 -:5 aux_components[=num_aux_components "
     "component_tag:8 ] ) ?future_extension( extension_bytes:X8 ) ]"},
    {LAYOUT_EXTENSION, 0x20, 0, "TTML_subtitling_descriptor",
     "language:L subtitle_purpose:6x tts_suitability:2 essential_font_usage:1 qualifier_present:1 -:2 "
     "dvb_ttml_profile_count:4 profiles[=dvb_ttml_profile_count profile:8x ] ?qualifier_present( "
     "qualifier:32x ) ?essential_font_usage( font_count:8 fonts[=font_count -:1 font_id:7 ] ) ?+( "
     "service_name:T8 ) ?+( rest:X )"},
    {LAYOUT_EXTENSION, 0x21, 0, "DTS-UHD_descriptor",
     "decoder_profile_code:6 frame_duration_code:2 max_payload_code:3 -:2 stream_index:3 codec_selector:X"},
    {LAYOUT_EXTENSION, 0x22, 0, "service_prominence_descriptor", "hex:X"},
    {LAYOUT_EXTENSION, 0x23, 0, "vvc_subpictures_descriptor", "hex:X"},
    {LAYOUT_EXTENSION, 0x24, 0, "S2Xv2_satellite_delivery_system_descriptor", "hex:X"},
};

const struct layout_list layout_list_si = {descriptors, sizeof(descriptors) / sizeof(descriptors[0])};
