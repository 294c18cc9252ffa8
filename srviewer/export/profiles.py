"""The trainers that an export can be written for: what each of them reads unchanged.

This table is all that there is to say about a trainer: a new one is an entry here. Option
``--for``, the window's list, the checks, ``how-to-train.md`` and what is said at the end follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from srviewer.export.trainer_profile import Profile

_FLAT = {"layout": "flat"}
# Real-ESRGAN is built on BasicSR, and validates with its loader.
_BASICSR_VALIDATION = """\
```yaml
  val:
    name: pairs-validation
    type: PairedImageDataset
    dataroot_gt: $hr
    dataroot_lq: $lr
    io_backend:
      type: $io
```
"""

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "basicsr": Profile(
            "BasicSR, HAT, SwinIR",
            ("png", "lmdb", "bmp", "webp", "tiff"),
            "by folder, by meta_info_file or as lmdb",
            """\
In the options (`.yml`) of BasicSR, HAT or another trainer on BasicSR's loader:

```yaml
scale: $factor
datasets:
  train:
    name: pairs
    type: PairedImageDataset
    dataroot_gt: $train_hr
    dataroot_lq: $train_lr
    filename_tmpl: '{}'
    io_backend:
      type: $io
    gt_size: $patch
    use_hflip: true
    use_rot: true
```
""",
            _BASICSR_VALIDATION,
            """\
Merge these lines into a copy of `options/train/SRResNet_SRGAN/train_MSRResNet_x4.yml` of BasicSR,
with `upscale: $factor` in its `network_g`, without its `meta_info_file`, and without its metric
`niqe` where pictures for validation are smaller than 200 px, and start
`python basicsr/train.py -opt COPY.yml`. For SwinIR copy `train_SwinIR_SRx4_scratch.yml` in
`options/train/SwinIR/`, with `img_size: $lr_patch` in `network_g` too. HAT has its own files in
`options/train/`, and `python hat/train.py -opt COPY.yml`. Their `meta_info_file` goes out too.
Both need LR of whole windows: a `gt_size` of `scale` x a multiple of 8 for SwinIR, of 16 for HAT.
A `batch_size_per_gpu` above the number of pairs is no step at all.
""",
            _FLAT,
            crop=(32, 64),
        ),
        "real-esrgan": Profile(
            "Real-ESRGAN",
            ("png", "bmp", "webp", "tiff"),
            "by meta_info, with HR and LR in a line",
            """\
In `options/finetune_realesrgan_x4plus_pairdata.yml`:

```yaml
scale: $factor
datasets:
  train:
    name: pairs
    type: RealESRGANPairedDataset
    dataroot_gt: $root
    dataroot_lq: $root
    meta_info: $list
    io_backend:
      type: $io
    gt_size: $patch
    use_hflip: True
    use_rot: False
```
""",
            _BASICSR_VALIDATION,
            """\
Merge these lines into that file and start
`python realesrgan/train.py -opt options/finetune_realesrgan_x4plus_pairdata.yml --auto_resume`.
It begins with the networks that its `path` names, which its README tells to download; `~` in the
place of each begins with none. Its network enlarges by 4, by 2 with `scale: 2` in `network_g`,
and by nothing else.
""",
            {"layout": "flat", "lists": "pairs"},
            ("native",),
            crop=(64, 64),
        ),
        "trainner": Profile(
            "traiNNer-redux",
            ("png", "webp", "tiff"),
            "by folder",
            """\
In the options (`.yml`):

```yaml
scale: $factor
datasets:
  train:
    name: pairs
    type: PairedImageDataset
    dataroot_gt: [$train_hr]
    dataroot_lq: [$train_lr]
    lq_size: $lr_patch
    use_hflip: true
    use_rot: true
```
""",
            """\
```yaml
  val:
    name: pairs-validation
    type: PairedImageDataset
    dataroot_gt: [$hr]
    dataroot_lq: [$lr]
```
""",
            """\
Merge these lines into a copy of `options/_templates/train/Compact/Compact_fidelity.yml` or of
another template, with `val_enabled: true`, and start `python train.py -opt COPY.yml`.
""",
            _FLAT,
            ("native",),
            crop=(32, 64),
        ),
        "neosr": Profile(
            "neosr",
            ("png", "webp", "lmdb"),
            "by folder or as lmdb, which is faster to open with many pairs",
            """\
In the options (`.toml`):

```toml
scale = $factor

[datasets.train]
type = "paired"
dataroot_gt = $train_hr
dataroot_lq = $train_lr
patch_size = $lr_patch
```
""",
            """\
```toml
[datasets.val]
name = "val"
type = "paired"
dataroot_gt = $hr
dataroot_lq = $lr
```
""",
            """\
Merge these lines into a copy of `options/train_compact.toml` or of another network's, and start
`python train.py -opt COPY.toml`.
""",
            _FLAT,
            ("native",),
            crop=(32, 64),
        ),
        "kair": Profile(
            "KAIR",
            ("png", "bmp", "tiff"),
            "by folder, HR and LR in the order of their names",
            """\
In the options (`.json`):

```json
"scale": $factor,
"datasets": {
  "train": {
    "name": "pairs",
    "dataset_type": "sr",
    "dataroot_H": $train_hr,
    "dataroot_L": $train_lr,
    "H_size": $patch
  }
```
""",
            """\
```json
  , "test": {
    "name": "pairs-validation",
    "dataset_type": "sr",
    "dataroot_H": $hr,
    "dataroot_L": $lr
  }
```
""",
            """\
Merge these lines into a copy of `options/train_msrresnet_psnr.json`, for SwinIR of
`options/swinir/train_swinir_sr_classical.json` with `"upscale": $factor` and
`"img_size": $lr_patch` in its `netG`, and start `python main_train_psnr.py --opt COPY.json`.
""",
            _FLAT,
            ("native",),
            crop=(24, 64),
        ),
        "edsr": Profile(
            "EDSR-PyTorch",
            ("png",),
            "as DIV2K, with a range of names for training and another for validation",
            """\
In `src/` of EDSR-PyTorch; its `--patch_size` is of HR:

```sh
python main.py --dir_data $sh_root --data_train DIV2K --data_test DIV2K \\
    --data_range 1-$pairs/$test_range --scale $scale --patch_size $patch --ext img
```
""",
            options={"layout": "div2k"},
            lr_layouts=("native",),
            crop=(32, 48),
        ),
        "srcnn-pytorch": Profile(
            "SRCNN, FSRCNN (yjn870)",
            ("hdf5",),
            "by --train-file; SRCNN takes LR of HR's size, FSRCNN of its own",
            """\
In SRCNN-pytorch (LR of HR's size) or FSRCNN-pytorch (LR of its own):

```sh
python train.py --train-file $sh_file$eval_file \\
    --outputs-dir outputs --scale $scale --num-workers 0
```
$no_eval_file""",
            options={"channels": "y"},
            of_split={"whole": "validation"},
            whole=(17, 64),
        ),
        "srcnn-caffe": Profile(
            "SRCNN (Caffe)",
            ("srcnn-hdf5",),
            "by pairs.txt, the list of HDF5 files that is the source of a layer HDF5Data",
            """\
In `SRCNN_net.prototxt`, for the phase TRAIN. Start `caffe train --solver=SRCNN_solver.prototxt`,
with whole paths in it and to it, in the data set's folder, as the list names its file from there;
no blank may be in the path:

```
hdf5_data_param { source: $file_list batch_size: 128 }
```
""",
            """\
For the phase TEST:

```
hdf5_data_param { source: $eval_list batch_size: 2 }
```
""",
            options={"channels": "y", "axes": "nchw"},
            lr_layouts=("upscaled",),
            whole=(21, 64),
            not_in_path=(" ", "\t", "\n"),
        ),
        "huggingface": Profile(
            "Hugging Face datasets",
            ("png", "parquet", "webdataset", "webp", "bmp", "tiff"),
            "by load_dataset, as the card and metadata.csv tell",
            """\
```python
from datasets import load_dataset

pairs = load_dataset($root)["train"]
```
""",
            """\
```python
held_back = load_dataset($root)["validation"]
```
""",
            options={"card": True, "layout": "hub"},
            not_in_path=("[", "*", "?", "$", "::"),
        ),
        "webdataset": Profile(
            "webdataset",
            ("webdataset",),
            "by the names of its shards",
            """\
```python
import webdataset as wds

shards = $shards
pairs = wds.WebDataset(shards, shardshuffle=False).decode("rgb8").to_tuple("hr.png", "lr.png")
```

With datasets, which goes by the card: `load_dataset($root)["train"]`.
""",
            """\
```python
shards = $held_shards
held_back = wds.WebDataset(shards, shardshuffle=False).decode("rgb8").to_tuple("hr.png", "lr.png")
```
""",
            options={"card": True},
            not_in_path=("[", "*", "?", "$", "::", "#", "\t", "\n", "\r"),
        ),
    }
)
