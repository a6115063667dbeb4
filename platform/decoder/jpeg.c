/* SPDX-License-Identifier: Apache-2.0 */
#include "jpeg.h"
#include "decoder/still.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#define SCANS_MAX 64 /* of a progressive picture: each is work over all of it, however short */
#define ROWS_MAX (4 * DCTSIZE)

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    struct error *error;
};

/* libjpeg wants this not to return. */
static void fail(j_common_ptr common)
{
    struct reader *reader = common->client_data;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    error_set(reader->error, "jpeg picture: %s", text);
    longjmp(reader->out, 1);
}

/* Warnings mean damage: they are counted by libjpeg and looked at in the end. */
static void message(j_common_ptr common, int level)
{
    if (level < 0)
        common->err->num_warnings++;
}

static void count_scans(j_common_ptr common)
{
    struct reader *reader = common->client_data;
    if (reader->jpeg.input_scan_number <= SCANS_MAX)
        return;
    error_set(reader->error, "jpeg picture: more than %d scans", SCANS_MAX);
    longjmp(reader->out, 1);
}

/* The format whose planes are subsampled like the picture's, AV_PIX_FMT_NONE where there is none. */
static enum AVPixelFormat format_of(const struct jpeg_decompress_struct *jpeg)
{
    static const struct {
        int h, v;
        enum AVPixelFormat format;
    } formats[] = {
        {2, 2, AV_PIX_FMT_YUV420P},
        {2, 1, AV_PIX_FMT_YUV422P},
        {1, 2, AV_PIX_FMT_YUV440P},
        {1, 1, AV_PIX_FMT_YUV444P},
    };
    const jpeg_component_info *parts = jpeg->comp_info;
    if (jpeg->jpeg_color_space == JCS_GRAYSCALE && jpeg->num_components == 1 && parts[0].h_samp_factor == 1 &&
        parts[0].v_samp_factor == 1)
        return AV_PIX_FMT_GRAY8;
    if (jpeg->jpeg_color_space != JCS_YCbCr || jpeg->num_components != 3)
        return AV_PIX_FMT_NONE;
    for (int i = 1; i < 3; i++)
        if (parts[i].h_samp_factor != 1 || parts[i].v_samp_factor != 1)
            return AV_PIX_FMT_NONE;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].h == parts[0].h_samp_factor && formats[i].v == parts[0].v_samp_factor)
            return formats[i].format;
    return AV_PIX_FMT_NONE;
}

static int round_up(unsigned value, int step)
{
    return ((int)value + step - 1) / step * step;
}

/* Planes with room for whole blocks, which libjpeg writes. */
static bool make_planes(struct reader *reader, AVFrame *frame, enum AVPixelFormat format)
{
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    frame->format = format;
    frame->width = round_up(jpeg->image_width, jpeg->max_h_samp_factor * DCTSIZE);
    frame->height = round_up(jpeg->image_height, jpeg->max_v_samp_factor * DCTSIZE);
    if (av_frame_get_buffer(frame, 0) < 0)
        return error_set(reader->error, "jpeg picture: out of memory");
    frame->width = (int)jpeg->image_width;
    frame->height = (int)jpeg->image_height;
    frame->color_range = AVCOL_RANGE_JPEG;
    frame->colorspace = AVCOL_SPC_BT470BG;
    return true;
}

/* One row of blocks after the other, straight into the planes. */
static void read_planes(struct reader *reader, AVFrame *frame)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    JSAMPROW rows[3][ROWS_MAX];
    JSAMPARRAY planes[3] = {rows[0], rows[1], rows[2]};
    JDIMENSION lines = (JDIMENSION)(jpeg->max_v_samp_factor * DCTSIZE);
    while (jpeg->output_scanline < jpeg->output_height) {
        int block_row = (int)(jpeg->output_scanline / lines);
        for (int i = 0; i < jpeg->num_components; i++) {
            int count = jpeg->comp_info[i].v_samp_factor * DCTSIZE;
            for (int y = 0; y < count; y++)
                rows[i][y] = frame->data[i] + (ptrdiff_t)(block_row * count + y) * frame->linesize[i];
        }
        jpeg_read_raw_data(jpeg, planes, lines);
    }
}

static bool within_limits(const struct reader *reader)
{
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    return jpeg->image_width <= STILL_INPUT_SIDE_MAX && jpeg->image_height <= STILL_INPUT_SIDE_MAX &&
           (int64_t)jpeg->image_width * jpeg->image_height <= STILL_INPUT_PIXELS_MAX;
}

static enum jpeg_result read_picture(struct reader *reader, const void *data, size_t size, AVFrame *frame)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    jpeg_mem_src(jpeg, data, (unsigned long)size);
    jpeg_read_header(jpeg, TRUE);
    if (!within_limits(reader)) {
        error_set(reader->error, "jpeg picture of %u x %u pixels: at most %d x %d and %d Mpx",
                  jpeg->image_width, jpeg->image_height, STILL_INPUT_SIDE_MAX, STILL_INPUT_SIDE_MAX,
                  STILL_INPUT_PIXELS_MAX >> 20);
        return JPEG_REFUSED;
    }
    enum AVPixelFormat format = format_of(jpeg);
    if (format == AV_PIX_FMT_NONE)
        return JPEG_OTHER;
    jpeg->raw_data_out = TRUE;
    jpeg->out_color_space = jpeg->jpeg_color_space;
    jpeg->do_fancy_upsampling = FALSE;
    jpeg_start_decompress(jpeg);
    if (!make_planes(reader, frame, format))
        return JPEG_REFUSED;
    read_planes(reader, frame);
    jpeg_finish_decompress(jpeg);
    if (reader->errors.num_warnings == 0)
        return JPEG_DECODED;
    error_set(reader->error, "jpeg picture of %zu bytes: damaged or cut short", size);
    return JPEG_REFUSED;
}

enum jpeg_result jpeg_decode(const void *data, size_t size, AVFrame *frame, struct error *error)
{
    struct reader *reader = calloc(1, sizeof *reader);
    volatile enum jpeg_result result = JPEG_REFUSED;
    if (reader == NULL) {
        error_set(error, "jpeg picture: out of memory");
        return result;
    }
    reader->error = error;
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = fail;
    reader->errors.emit_message = message;
    reader->jpeg.client_data = reader;
    if (setjmp(reader->out) == 0) {
        jpeg_create_decompress(&reader->jpeg);
        reader->progress.progress_monitor = count_scans;
        reader->jpeg.progress = &reader->progress;
        result = read_picture(reader, data, size, frame);
    } else {
        result = JPEG_REFUSED;
    }
    jpeg_destroy_decompress(&reader->jpeg);
    free(reader);
    return result;
}
