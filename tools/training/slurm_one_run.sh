#!/bin/bash
# Trains one experiment on all GPUs of one node with torchrun.
#
#   sbatch tools/training/slurm_one_run.sh core/exshot_train/experiments/paper_full.yaml
#
#SBATCH --job-name=exshot-train
#SBATCH --nodes=1
#SBATCH --gres=gpu:8
#SBATCH --cpus-per-task=128
#SBATCH --mem=256G
#SBATCH --time=24:00:00
#SBATCH --requeue
set -euo pipefail

experiment=${1:?"name an experiment's YAML file"}
shift
gpus=${SLURM_GPUS_ON_NODE:-8}

export EXSHOT_STUDIO_CACHE=${EXSHOT_STUDIO_CACHE:-$HOME/exshot/studio}
export EXSHOT_TRAIN_CACHE=${EXSHOT_TRAIN_CACHE:-$HOME/exshot/train}

torchrun --standalone --nproc-per-node "$gpus" -m exshot_train.train "$experiment" \
    --set "train.devices=$gpus" --set "data.workers=$((SLURM_CPUS_PER_TASK / gpus - 1))" "$@"
