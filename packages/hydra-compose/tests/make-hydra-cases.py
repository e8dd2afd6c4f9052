"""Composes the cases below with real Hydra and writes hydra-cases.json, which hydra.test.ts holds compose() against.

python3 -m venv venv && venv/bin/pip install hydra-core==1.3.8
venv/bin/python make-hydra-cases.py
"""

import json
import os
import pathlib
import tempfile

import hydra
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf, open_dict

BASE = {
    'config.yaml': 'defaults:\n  - dataset: phantom\n  - model: luna\n  - optimizer: adamw\n  - _self_\n  - experiment: null\nseed: 42\ntags: []\nroot: ${oc.env:LUNGATE_HOME,.lungate}\nname: ${model.name}-${seed}\n',
    'dataset/phantom.yaml': 'dir: ${root}/phantom-${.scans}-${.seed}\nscans: 20\nseed: ${seed}\n',
    'dataset/luna16.yaml': 'dir: ???\nscans: null\n',
    'model/luna.yaml': 'name: luna\nchannels: [8, 16, 32, 64]\nblock: {relu: true, pool: 2}\n',
    'model/tiny.yaml': 'defaults:\n  - luna\n  - _self_\nname: tiny\nchannels: [4]\n',
    'optimizer/adamw.yaml': 'lr: 1e-3\nbetas: [0.9, 0.999]\n',
    'optimizer/sgd.yaml': 'lr: 0.01\nmomentum: .99\nnesterov: no\n',
    'experiment/demo.yaml': '# @package _global_\ndefaults:\n  - override /model: tiny\n  - override /optimizer: sgd\nseed: 7\ndataset:\n  scans: 4\n',
}
SELF = {
    'config.yaml': 'defaults:\n  - a\n  - _self_\n  - b\nx: self\ny: self\nonly: 1\n',
    'a.yaml': 'x: a\ny: a\nz: a\n',
    'b.yaml': 'y: b\nz: b\n',
}
NOSELF = {'config.yaml': 'defaults:\n  - a\n  - b\nx: self\n', 'a.yaml': 'x: a\ny: a\n', 'b.yaml': 'y: b\n'}
NEST = {
    'config.yaml': 'defaults:\n  - service/db: mysql\n  - optional service/cache: redis\n  - service/db@backup: sqlite\n  - /service/db@_global_.other: sqlite\n  - _self_\n',
    'service/db/mysql.yaml': 'defaults:\n  - engine: inno\n  - /limits@_here_: small\nport: 3306\n',
    'service/db/sqlite.yaml': 'file: x.db\n',
    'service/db/engine/inno.yaml': 'kind: inno\n',
    'service/db/engine/isam.yaml': 'kind: isam\n',
    'limits/small.yaml': 'max: 10\n',
}
LIST = {
    'config.yaml': 'defaults:\n  - callbacks: [early, save]\n  - dataset: cifar\n  - model: vgg\n  - optional tuned: ${dataset}_${model}\n',
    'callbacks/early.yaml': 'early: {patience: 3}\n',
    'callbacks/save.yaml': 'save: {every: 1}\n',
    'callbacks/log.yaml': 'log: {}\n',
    'dataset/cifar.yaml': 'name: cifar\n',
    'model/vgg.yaml': 'n: 1\n',
    'model/res.yaml': 'n: 2\n',
    'tuned/cifar_res.yaml': '# @package _global_\nmodel: {n: 3}\n',
}
HEAD = {
    'config.yaml': 'defaults:\n  - server: apache\n  - zoo: lion\n',
    'server/apache.yaml': '# @package web.front\nport: 80\n',
    'server/ngx.yaml': '# @package _global_\nport: 81\n',
    'zoo/lion.yaml': '# @package zoo.big.cat\nlegs: 4\n',
}
INT = {
    'config.yaml': 'a: {b: 1, c: "${.b}", d: "${..e}/x-${a.b}-${flag}-${nothing}"}\ne: top\nflag: true\nnothing: null\ncopy: ${a}\nlit: \\${a.b}\nl: [1, "${.0}", "${l[0]}"]\nkey: b\nvia: ${a.${key}}\nviacopy: ${copy.c}\nenv: ${oc.env:HX_SET}\ndef: ${oc.env:HX_UNSET,7}\nnul: ${oc.env:HX_UNSET,null}\nsel: ${oc.select:nope,3}\nsel2: ${oc.select:a.b}\ndec: ${oc.decode:${oc.env:HX_UNSET,7}}\nemp: "${oc.env:HX_UNSET,}"\ndefq: "${oc.env:HX_UNSET,\'a b, c\'}"\n'
}
YAML = {
    'config.yaml': 'a: 1e-3\nb: yes\nc: y\nd: 010\ne: 1_000\nf: 2020-01-02\ng: "010"\nh: .5\ni: 0x1F\nj: off\nk: ~\nl:\nm: 1.\nbase: &b {p: 1}\nder:\n  <<: *b\n  q: 2\ny: 3\n'
}
CASES = [
    ('base', BASE, []),
    ('base', BASE, ['model=tiny', 'optimizer.lr=5']),
    ('base', BASE, ['experiment=demo']),
    ('base', BASE, ['experiment=demo', 'model=luna', 'seed=9']),
    ('base', BASE, ['dataset=luna16', 'dataset.dir=/data/x']),
    (
        'base',
        BASE,
        [
            '~optimizer',
            '+new.deep.key=1',
            '++seed=2',
            '~dataset.scans',
            '++a.b={c:[1,{d:e}]}',
            'dataset.dir=x',
            'tags=[a,"b c",null,true,1.5,-2,1e3]',
        ],
    ),
    ('base', BASE, ['model.block={pool:3}', 'model.channels.1=99', '+model.block={extra:1}', 'model.name=']),
    (
        'base',
        BASE,
        [
            "model.name='it\\'s ${seed}'",
            '+p=a:b/c.d-e',
            '+q=010',
            '+r=1_000',
            '+s="1"',
            '+t= x y ',
            '+u={a:b:c}',
            '+v=a\\,b',
            '+w=${seed}',
            '+x=C:\\\\d\\e',
            '+y=[]',
            '+z={}',
        ],
    ),
    ('base', BASE, ['optimizer=sgd', 'seed=null', 'tags=x', 'model.block=5']),
    ('base', BASE, ['model=nope']),
    ('base', BASE, ['modl=luna']),
    ('base', BASE, ['+seed=1']),
    ('base', BASE, ['~nope']),
    ('base', BASE, ['~model=tiny']),
    ('base', BASE, ['~model=luna', 'name=x']),
    ('base', BASE, ['experiment=[demo]']),
    ('base', BASE, ['model=null']),
    ('base', BASE, ['+model=tiny']),
    ('base', BASE, ['model.block={poool:3}']),
    ('base', BASE, ['seed.x=1']),
    ('base', BASE, ['model@foo=tiny']),
    ('base', BASE, ['+model@foo=tiny']),
    ('self', SELF, []),
    ('noself', NOSELF, []),
    ('noself', NOSELF, ['+q=1']),
    ('nest', NEST, []),
    ('nest', NEST, ['service/db=sqlite']),
    ('nest', NEST, ['service/db/engine=isam']),
    ('nest', NEST, ['service/db@backup=mysql']),
    ('list', LIST, []),
    ('list', LIST, ['model=res']),
    ('list', LIST, ['callbacks=[log]']),
    ('list', LIST, ['callbacks=log']),
    ('head', HEAD, []),
    ('head', HEAD, ['server=ngx']),
    ('int', INT, []),
    ('yaml', YAML, []),
]

ENV = {'HX_SET': 'set'}
os.environ.update(ENV)
for unset in ('HX_UNSET', 'LUNGATE_HOME'):
    os.environ.pop(unset, None)


def result_of(files, overrides):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        try:
            with initialize_config_dir(folder, version_base=None):
                config = compose('config', overrides=overrides, return_hydra_config=True)
                choices = OmegaConf.to_container(config.hydra.runtime.choices)
                OmegaConf.set_readonly(config, False)
                with open_dict(config):
                    del config['hydra']
                return {
                    'config': OmegaConf.to_container(config, resolve=True),
                    'choices': {k: v for k, v in choices.items() if not k.startswith('hydra')},
                }
        except Exception as error:
            return {'refused': type(error).__name__}


cases = [{'folder': name, 'overrides': overrides, **result_of(files, overrides)} for name, files, overrides in CASES]
folders = {name: files for name, files, _ in CASES}
text = json.dumps({'hydra': hydra.__version__, 'env': ENV, 'folders': folders, 'cases': cases}, indent=1)
pathlib.Path(__file__).with_name('hydra-cases.json').write_text(text + '\n')
