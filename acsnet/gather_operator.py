"""Modulated deformable convolution as a weighted gather, in torch alone; the fastest on a CPU.

To convolve what the nine taps sample is to sample what each tap's 1x1 convolution gives. So one matrix product makes,
for every pixel, its nine products (tap by tap, O channels each), and every output is the weighted sum of 36 of them:
four neighbours of nine samples, the weights bilinear times the mask. torch's `embedding_bag` is such a sum. So is its
transpose, once the 36 are sorted by where they came from. On a CPU the whole costs about what a plain 3x3 convolution
does, forward and backward.
"""

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

TAPS = 9
# Elements of one block of products: 16 MB in float32, which fits the last cache and which malloc recycles (from 32 MB
# on it asks the system for fresh pages, and those cost as much as the sums).
BLOCK = 2**22


def gather_operator(feature: Tensor, offset: Tensor, mask: Tensor, weight: Tensor) -> Tensor:
    """Convolve 3x3 with padding 1 and stride 1, each tap sampling the feature bilinearly at its offset.

    Args:
        feature: `(B, C, H, W)`; nothing lies outside it.
        offset: `(B, 18, H, W)`: y0, x0, y1, x1, ... in pixels, in the type that positions and sums are computed in.
        mask: `(B, 9, H, W)`, what each sample is multiplied by.
        weight: `(O, C, 3, 3)`, of the feature's type, which the matrix product has too.

    Returns:
        `(B, O, H, W)` in the offset's type, laid out in memory like the feature. Gradients are torchvision's: at whole
        pixels the slope is that towards larger y and x.
    """
    batch, channels, height, width = feature.shape
    index, share = neighbours(offset, mask)
    rows = feature.permute(0, 2, 3, 1).reshape(-1, channels)
    taps = weight.permute(2, 3, 0, 1).reshape(-1, channels)
    keep = torch.is_grad_enabled()
    output, *_ = sampled_products(rows, taps, index, share, height * width, keep)
    output = output.view(batch, height, width, -1).permute(0, 3, 1, 2)
    return output.contiguous() if feature.is_contiguous() else output


def neighbours(offset: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The four neighbours of every sample and their shares in it.

    Returns:
        Products to take, `(B * H * W, 36)`, int32, counted within the image: nine times the pixel plus the tap; and by
        what to multiply them: bilinear weight times mask, zero outside.
    """
    batch, _, height, width = offset.shape
    offset = offset.permute(0, 2, 3, 1).unflatten(3, (TAPS, 2))
    tap = torch.arange(TAPS, device=offset.device)

    def along(axis: int, first: Tensor, size: int) -> tuple[Tensor, Tensor]:
        """Both neighbours on one axis, `(B, H, W, 9, 2)`: where they are, and their shares."""
        position = (first + offset[..., axis]).clamp(-2, size + 1)
        below = position.detach().floor()
        above_share = position - below
        at = torch.stack([below, below + 1], dim=-1)
        inside = (at >= 0) & (at < size)
        # Times 0, not where: an offset that is not a number must show in the loss. Its index becomes one that exists.
        return at.int().clamp(0, size - 1), torch.stack([1 - above_share, above_share], dim=-1) * inside

    y, y_share = along(0, torch.arange(height, device=tap.device)[:, None, None] + tap // 3 - 1, height)
    x, x_share = along(1, torch.arange(width, device=tap.device)[:, None] + tap % 3 - 1, width)
    pixel = y[..., :, None] * width + x[..., None, :]
    share = y_share[..., :, None] * (x_share * mask.permute(0, 2, 3, 1)[..., None])[..., None, :]
    index = pixel * TAPS + tap[:, None, None]
    rows = batch * height * width
    return index.int().reshape(rows, 4 * TAPS), share.reshape(rows, 4 * TAPS)


def blocks(rows: int, image: int, channels: int) -> list[slice]:
    """Rows of as many whole images as make products of about one block."""
    step = image * max(1, BLOCK // (image * TAPS * channels))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


# An operator of its own to torch: `torch.compile` and tensors without values take it as it is, and a counter of
# operations meets one deformable convolution here as with the other operators, not its matrix products.
@torch.library.custom_op("acsnet::sampled_products", mutates_args=())
def sampled_products(
    rows: Tensor, taps: Tensor, index: Tensor, share: Tensor, image: int, keep: bool
) -> tuple[Tensor, list[Tensor]]:
    """Sums of 36 products each, by `index` and `share`.

    Args:
        rows: `(R, C)`, the pixels of whole images, `image` pixels each.
        taps: `(9 * O, C)`.
        index: `(R, 36)`, see `neighbours`.
        share: `(R, 36)`.
        image: pixels.
        keep: whether to give back the products, `(9 * r, O)` for each block of r rows; the way back needs them.

    Returns:
        `(R, O)` in the type of `share`, and the products or nothing.
    """
    channels = len(taps) // TAPS
    output = share.new_empty(len(rows), channels)
    kept = []
    with torch.autocast(rows.device.type, enabled=False):
        for block in blocks(len(rows), image, channels):
            products = (rows[block] @ taps.t()).view(-1, channels)
            output[block] = embedding_bag(
                in_block(index[block], image),
                products.to(share.dtype),
                mode="sum",
                per_sample_weights=share[block],
            )
            if keep:
                kept.append(products)
    return output, kept


@sampled_products.register_fake
def _(rows, taps, index, share, image, keep):
    channels = len(taps) // TAPS
    sizes = [block.stop - block.start for block in blocks(len(rows), image, channels)] if keep else []
    return share.new_empty(len(rows), channels), [rows.new_empty(TAPS * size, channels) for size in sizes]


@torch.library.custom_op("acsnet::sampled_products_backward", mutates_args=())
def sampled_products_backward(
    gradient: Tensor, rows: Tensor, taps: Tensor, index: Tensor, share: Tensor, image: int, kept: list[Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of `rows`, `taps` and `share` from the `(R, O)` of the sums."""
    channels = len(taps) // TAPS
    of_rows, of_share = torch.empty_like(rows), torch.empty_like(share)
    of_taps = torch.zeros_like(taps)
    with torch.autocast(rows.device.type, enabled=False):
        for block, products in zip(blocks(len(rows), image, channels), kept, strict=True):
            taken = in_block(index[block], image).flatten()
            count, each = len(taken) // share.shape[1], share.shape[1]
            bag = torch.arange(count, dtype=torch.int32, device=taken.device)
            of_share[block] = torch.ops.aten._embedding_bag_per_sample_weights_backward(
                gradient[block], products.to(share.dtype), taken, bag * each, bag.repeat_interleave(each), 0
            ).view(count, each)

            sources, order = taken.sort(stable=True)
            starts = torch.searchsorted(sources, torch.arange(TAPS * count, dtype=torch.int32, device=taken.device))
            of_products = embedding_bag(
                (order // each).int(),
                gradient[block],
                starts.int(),
                mode="sum",
                per_sample_weights=share[block].flatten()[order],
            )
            of_products = of_products.to(rows.dtype).view(count, TAPS * channels)
            of_rows[block] = of_products @ taps
            of_taps.addmm_(of_products.t(), rows[block])
    return of_rows, of_taps, of_share


@sampled_products_backward.register_fake
def _(gradient, rows, taps, index, share, image, kept):
    return torch.empty_like(rows), torch.empty_like(taps), torch.empty_like(share)


def in_block(index: Tensor, image: int) -> Tensor:
    """`(r, 36)`, counted within each image, counted within the block."""
    first = torch.arange(0, len(index), image, dtype=torch.int32, device=index.device) * TAPS
    return index + first.repeat_interleave(image)[:, None]


def keep_inputs(ctx, inputs, output) -> None:
    rows, taps, index, share, image, _ = inputs
    ctx.set_materialize_grads(False)
    ctx.image = image
    ctx.save_for_backward(rows, taps, index, share, *output[1])


def backward(ctx, gradient, _):
    if gradient is None:
        return (None,) * 6
    rows, taps, index, share, *kept = ctx.saved_tensors
    of_rows, of_taps, of_share = sampled_products_backward(
        gradient.contiguous(), rows, taps, index, share, ctx.image, kept
    )
    return of_rows, of_taps, None, of_share, None, None


sampled_products.register_autograd(backward, setup_context=keep_inputs)
